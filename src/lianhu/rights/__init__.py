"""Rights: what is held of a household, in its own hands: one-time codes, who looked, requests."""
