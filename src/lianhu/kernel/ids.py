"""Identifiers that sort by time and can be minted anywhere."""

import secrets
import time
from uuid import UUID

# Crockford's alphabet: no I, L, O, U, so a code read out over the telephone survives.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Of a UUID's last 80 bits: those that say version 7 and variant 2, and those that are random.
FIXED = 0x7 << 76 | 0x2 << 62
RANDOM = (1 << 80) - 1 & ~(0xF << 76 | 0x3 << 62)


def uuid7() -> UUID:
    """A UUID version 7 (RFC 9562): 48 bits of milliseconds, then 74 random bits."""
    drawn = secrets.randbits(80) & RANDOM
    return UUID(int=int(time.time() * 1000) << 80 | FIXED | drawn)


def follow_code() -> str:
    """A code of ten signs (50 random bits) that nobody can guess and anybody can read out."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))
