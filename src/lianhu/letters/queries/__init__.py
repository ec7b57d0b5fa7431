"""Read letters: those that wait for a person, and those that never came."""
