"""Read who somebody is, what they hold and which phones are theirs."""
