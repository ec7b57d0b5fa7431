"""Receive letters, from the air or from a file, and settle those that wait."""
