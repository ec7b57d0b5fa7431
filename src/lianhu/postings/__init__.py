"""Postings: who answers for which grid, and what happens when they leave."""
