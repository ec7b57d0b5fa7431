"""The demo county: made-up people, staff and a year of work."""
