"""A key of somebody's own: what it sealed is closed for good, in every copy, once it is destroyed.

A value is laid out as those of the ring are (`kernel.seal`), but its first byte says that an own
key sealed it, and the next two are that key's `mark`. Keys are 32 random bytes and lie wrapped, that
is sealed by the ring; whose they are, and where, is not this room's (`people.keys`).
"""

import hmac
import os
from dataclasses import dataclass, field
from hashlib import sha256

from lianhu.kernel.errors import Refusal
from lianhu.kernel.keyring import ring
from lianhu.kernel.seal import HEAD, NONCE, Sealed
from lianhu.kernel.suites import SUITES, Cipher, Suite

SECRET, MARK = 32, 2
# Beside the marks of the suites (kernel.suites), which say that the ring sealed.
OWN = {suite.name: suite.mark + 0x10 for suite in SUITES.values()}
ABOUT = {name: f"lianhu own key {name}".encode() for name in SUITES}
OWN_MARKS = {mark: SUITES[name] for name, mark in OWN.items()}


@dataclass(slots=True)
class OwnKey:
    """A key in clear, for as long as it is needed. `mark` was drawn with it: a value of a key that
    was replaced is told from one that was changed."""

    mark: bytes
    secret: bytes = field(repr=False)
    ciphers: tuple[tuple[Suite, Cipher], ...] = field(default=(), repr=False)

    def cipher(self, suite: Suite) -> Cipher:
        """What seals and opens by a suite; never one key for two ciphers."""
        for known, cipher in self.ciphers:
            if known is suite:
                return cipher
        derived = hmac.digest(self.secret, ABOUT[suite.name], sha256)[: suite.key_bytes]
        made = suite.make_cipher(derived)
        self.ciphers += ((suite, made),)
        return made

    def seal(self, content: bytes, where: str, suite: Suite | None = None) -> bytes:
        """`content` sealed for `where` ("table.field.row") by the suite that is in use, or another;
        empty for empty."""
        if not content:
            return b""
        suite = suite or ring().newest.suite
        head, nonce = bytes((OWN[suite.name],)) + self.mark, os.urandom(NONCE)
        return head + nonce + self.cipher(suite).encrypt(nonce, content, head + where.encode())

    def unseal(self, sealed: Sealed, where: str) -> bytes:
        """The content behind a value that this key sealed. Refuses ``keys.destroyed`` for one of
        another key; raises InvalidTag when it was sealed for another place, or changed."""
        raw = bytes(sealed)
        if raw[1:HEAD] != self.mark:
            raise Refusal("keys.destroyed")
        nonce, body = raw[HEAD : HEAD + NONCE], raw[HEAD + NONCE :]
        return self.cipher(OWN_MARKS[raw[0]]).decrypt(nonce, body, raw[:HEAD] + where.encode())


def new_key() -> OwnKey:
    """A fresh key."""
    drawn = os.urandom(SECRET + MARK)
    return OwnKey(drawn[SECRET:], drawn[:SECRET])


def is_own(sealed: Sealed) -> bool:
    """Whether an own key sealed a value; not for empty."""
    return len(sealed) > 0 and sealed[0] in OWN_MARKS
