"""Identifiers that sort by time and can be minted anywhere."""

import secrets
import time
from uuid import UUID

# Crockford's alphabet: no I, L, O, U, so a code read out over the telephone survives.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def uuid7() -> UUID:
    """A UUID version 7 (RFC 9562): 48 bits of milliseconds, then 74 random bits."""
    value = int(time.time() * 1000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def follow_code() -> str:
    """A code of ten signs (50 random bits) that nobody can guess and anybody can read out."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))
