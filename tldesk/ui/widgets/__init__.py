"""Widgets and helpers shared by several pages.

They import no page and no session: they show what they are given, and report user actions by signals.
"""
