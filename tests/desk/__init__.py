"""The desk, asked as a browser without script would."""
