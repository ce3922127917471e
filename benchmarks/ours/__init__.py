"""tldesk's side of every row, through its public names only."""
