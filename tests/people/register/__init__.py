"""Reading messy registers."""
