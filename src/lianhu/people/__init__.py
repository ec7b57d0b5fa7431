"""People: households, the persons in them, and what is held about each."""
