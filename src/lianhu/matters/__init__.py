"""Matters: what a household needs, says or suffers, followed to its end."""
