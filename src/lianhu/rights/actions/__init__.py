"""Codes by text message, requests and their answers."""
