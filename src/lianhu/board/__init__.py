"""The village board: public pages that need no login and no script."""
