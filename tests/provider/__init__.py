"""A county's identity provider for the tests, and coming in by it."""
