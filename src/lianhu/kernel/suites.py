"""The two suites: AES-256-GCM with HMAC-SHA-256, and SM4-GCM with HMAC-SM3 (GB/T 32907, 32905)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives import ciphers
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA256, SM3
from cryptography.hazmat.primitives.hmac import HMAC

TAG = 16


class Cipher(Protocol):
    """Seals with associated data; opening raises InvalidTag for anything that was changed."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """The ciphertext and its tag."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """The data behind a ciphertext and its tag."""


class _SM4GCM:
    """SM4 in Galois/Counter mode, in the form of `AESGCM`."""

    def __init__(self, key: bytes) -> None:
        self._cipher = SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """The ciphertext and its tag."""
        sealing = ciphers.Cipher(self._cipher, GCM(nonce)).encryptor()
        sealing.authenticate_additional_data(associated_data)
        return sealing.update(data) + sealing.finalize() + sealing.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """The data behind a ciphertext and its tag."""
        opening = ciphers.Cipher(self._cipher, GCM(nonce, data[-TAG:])).decryptor()
        opening.authenticate_additional_data(associated_data)
        return opening.update(data[:-TAG]) + opening.finalize()


class Mac(Protocol):
    """A keyed hash on its way; to go on with a copy takes less than half the time of beginning."""

    def copy(self) -> "Mac":
        """The same, to go on with."""

    def update(self, data: bytes) -> None:
        """Take more of the text."""

    def finalize(self) -> bytes:
        """The hash, once."""


def _hmac_sha256(key: bytes) -> Mac:
    return HMAC(key, SHA256())


def _hmac_sm3(key: bytes) -> Mac:
    return HMAC(key, SM3())


@dataclass(frozen=True, slots=True)
class Suite:
    """How a version seals and indexes; `mark` is the first byte of what it sealed."""

    name: str
    title: str
    mark: int
    key_bytes: int
    make_cipher: Callable[[bytes], Cipher]
    make_mac: Callable[[bytes], Mac]


AES = Suite("aes", "AES-256-GCM + HMAC-SHA-256", 0xA1, 32, AESGCM, _hmac_sha256)
SM = Suite("sm4", "SM4-GCM + HMAC-SM3", 0xA2, 16, _SM4GCM, _hmac_sm3)
SUITES = {suite.name: suite for suite in (AES, SM)}
MARKS = {suite.mark: suite for suite in SUITES.values()}
