"""Change who may come in and what they hold."""
