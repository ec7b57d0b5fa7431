"""Back up, verify, restore; the daily rehearsal."""
