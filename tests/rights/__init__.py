"""What is held of a household, in its own hands."""
