"""Change matters: one function, one transaction, one step, one ledger entry."""
