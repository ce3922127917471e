"""Opening and creating projects: welcome page, new-project dialog, caches of a project."""
