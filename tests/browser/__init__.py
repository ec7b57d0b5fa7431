"""Journeys through real Chromium against a real server."""
