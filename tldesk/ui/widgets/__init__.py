"""Widgets and helpers that several pages share.

They import no page and no session: they show what they are given, and report by signals what the user does.
"""
