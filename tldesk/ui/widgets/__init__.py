"""Widgets that pages are made of; they know no project, only what they are given."""
