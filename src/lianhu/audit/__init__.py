"""Audit: the append-only ledger, and the version of every grid it touches."""
