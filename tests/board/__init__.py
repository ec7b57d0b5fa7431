"""The village board: pages without script or login, as Django's test client sees them."""
