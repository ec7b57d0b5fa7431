"""Visits: a line person went to a household."""
