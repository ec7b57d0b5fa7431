"""Decide about colours, facts, rules and care, one transaction and one ledger entry each."""
