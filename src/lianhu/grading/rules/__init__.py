"""Pure rules: what a table says, what it may read, and how long a decision holds."""
