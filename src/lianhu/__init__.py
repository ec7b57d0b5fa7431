"""Lianhu: every household linked to a person who answers."""
