"""Settings of a county that seals nothing, which only a measurement of the cost may have.

A value keeps its length on the disk, its head and an empty tag; a blind index is a bare hash.
"""

import hashlib

from lianhu.kernel.keyring import Version
from lianhu.kernel.ownkey import OwnKey
from lianhu.kernel.suites import TAG, Cipher, Suite
from lianhu.settings import *  # noqa: F403 - a settings module that differs in nothing named


class _Nothing:
    """In the form of a cipher."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """The data as they are, and room for a tag."""
        return data + bytes(TAG)

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """The data without the room for a tag."""
        return data[:-TAG]


def _cipher(version: Version, purpose: str) -> Cipher:
    return _Nothing()


def _own_cipher(key: OwnKey, suite: Suite) -> Cipher:
    return _Nothing()


def _mac(version: Version, text: bytes, purpose: str) -> bytes:
    return hashlib.sha256(text).digest()


Version.cipher, Version.mac = _cipher, _mac  # type: ignore[method-assign, assignment]
OwnKey.cipher = _own_cipher  # type: ignore[method-assign, assignment]
