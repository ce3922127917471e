"""Speed, measured as a ratio against another program doing the same work in the same run."""
