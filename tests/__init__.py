"""Tests: they mirror src/lianhu; tests/browser drives a real browser."""
