"""Accounts: who signs in, with which device, and what they were granted where."""
