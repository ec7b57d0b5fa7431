"""The division engine: pure functions on arrays, no database."""
