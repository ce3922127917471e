"""The main window around the pages: rail, menus, status line."""
