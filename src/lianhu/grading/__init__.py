"""Colours (how much help a household is owed) and care episodes. Never merit, never risk."""
