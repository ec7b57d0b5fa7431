"""The house's own tools: set-up, gates, locks, reference pages, a private PostgreSQL."""
