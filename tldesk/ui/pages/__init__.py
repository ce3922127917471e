"""The pages of the rail and the welcome page, and the words and work that each needs."""
