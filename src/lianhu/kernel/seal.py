"""Seal personal fields with AES-256-GCM, and find them again by a keyed blind index.

A sealed value is one version byte, a 12-byte nonce and the ciphertext; the associated data is
``table.field.row`` so that a value cannot be moved to another row. The blind index is an HMAC
under its own key: a bare or salted hash of an ID number can be reversed in 39 seconds
(quality.md), a keyed one cannot without the key. The ring is a JSON file outside the database:
``{"current": 1, "keys": {"1": "<64 hex>"}, "index": "<64 hex>", "ledger": "<64 hex>"}``; the
last one signs heads of the ledger (audit.signing).
"""

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from lianhu.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys in use: ciphers by version, the version that seals, and the index key."""

    current: int
    ciphers: dict[int, AESGCM]
    index: bytes


def make_ring(path: Path) -> None:
    """Write a fresh ring to `path`, readable by its owner only; an existing one is kept, and
    only given what it lacks."""
    if path.exists():
        _complete(path)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "current": 1,
        "keys": {"1": secrets.token_hex(32)},
        "index": secrets.token_hex(32),
        "ledger": secrets.token_hex(32),
    }
    _write(path, content)


def _complete(path: Path) -> None:
    """A ring of an earlier version has no key for the ledger yet."""
    content = json.loads(path.read_text())
    if "ledger" not in content:
        scratch = path.with_name(f"{path.name}.{os.getpid()}.part")
        _write(scratch, content | {"ledger": secrets.token_hex(32)})
        scratch.rename(path)


def _write(path: Path, content: dict[str, object]) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())


@cache
def ring() -> Ring:
    """The ring named by the setting LIANHU_KEYS; refuses ``keys.missing``: no key, no start."""
    path = Path(settings.LIANHU_KEYS)
    if not path.is_file():
        raise Refusal("keys.missing", path=str(path))
    content = json.loads(path.read_text())
    return Ring(
        current=int(content["current"]),
        ciphers={int(v): AESGCM(bytes.fromhex(k)) for v, k in content["keys"].items()},
        index=bytes.fromhex(content["index"]),
    )


def seal(text: str, where: str) -> bytes:
    """`text` sealed for `where` ("table.field.row"); empty for empty."""
    return seal_bytes(text.encode(), where)


def seal_bytes(content: bytes, where: str) -> bytes:
    """`content` sealed for `where` ("table.field.row"); empty for empty."""
    if not content:
        return b""
    keys = ring()
    nonce = os.urandom(12)
    body = keys.ciphers[keys.current].encrypt(nonce, content, where.encode())
    return bytes([keys.current]) + nonce + body


def unseal(sealed: bytes | memoryview, where: str) -> str:
    """The text behind `sealed`; raises InvalidTag when it was sealed for another place."""
    return unseal_bytes(sealed, where).decode()


def unseal_bytes(sealed: bytes | memoryview, where: str) -> bytes:
    """The content behind `sealed`; raises InvalidTag when it was sealed for another place."""
    raw = bytes(sealed)
    if not raw:
        return b""
    return ring().ciphers[raw[0]].decrypt(raw[1:13], raw[13:], where.encode())


def blind(text: str, field: str) -> bytes:
    """The blind index of `text` for `field`: 16 bytes, equal for equal text; empty for empty."""
    if not text:
        return b""
    return hmac.digest(ring().index, f"{field}:{text}".encode(), hashlib.sha256)[:16]
