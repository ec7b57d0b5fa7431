"""Keeping: backups that are proven by restoring them, and coming back from one."""
