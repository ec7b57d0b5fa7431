"""Sign heads of the ledger with a key that is never in the database, and keep the latest one
beside the keys."""

import json
import os
import re
from collections.abc import Collection
from dataclasses import asdict
from functools import cache
from pathlib import Path
from threading import get_ident

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from lianhu.audit.rules import Head
from lianhu.kernel.errors import Refusal
from lianhu.kernel.keyring import fingerprint, fresh_ring

FIELDS = set(Head.__dataclass_fields__)
_HEX = re.compile(r"[0-9a-f]*")


@cache
def _private(path: str) -> Ed25519PrivateKey:
    if not Path(path).is_file():
        raise Refusal("keys.missing", path=path)
    secret = json.loads(Path(path).read_text()).get("ledger")
    if not secret:
        raise Refusal("keys.no_ledger_key", path=path)
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))


def signing_key() -> Ed25519PrivateKey:
    """The key that signs heads, from the ring; refuses ``keys.missing``,
    ``keys.no_ledger_key``."""
    return _private(str(settings.LIANHU_KEYS))


def public_key() -> str:
    """The public half of the key that signs heads, as hex."""
    key = signing_key().public_key()
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def fingerprints(used: Collection[int]) -> dict[str, str]:
    """A short name for each key of the ring, from which the key cannot be found: of the versions
    `used`, and of those that seal or may by now."""
    found = {"ledger": fingerprint(signing_key().private_bytes_raw())}
    keys = fresh_ring()
    for number, version in keys.versions.items():
        if number in used or number >= keys.newest.number:
            found |= version.fingerprints()
    return found


def sign(message: bytes) -> bytes:
    """The signature under a message."""
    return signing_key().sign(message)


def is_signed(message: bytes, signature: str, key: str) -> bool:
    """Whether a signature (hex) under a message is that of a public key (hex)."""
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public.verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def head_file() -> Path:
    """Where the latest head is kept outside the database."""
    return Path(settings.LIANHU_KEYS).with_name("ledger-head.json")


def write_head(head: Head, path: Path) -> None:
    """Put a head into a file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f"{path.name}.{os.getpid()}-{get_ident()}.part")
    with scratch.open("w") as file:
        json.dump(asdict(head), file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    scratch.rename(path)


def read_head(path: Path) -> Head:
    """A head from a file; refuses ``audit.bad_head``."""
    try:
        content = json.loads(path.read_text())
        head = Head(**{name: content[name] for name in FIELDS})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refusal("audit.bad_head", path=str(path)) from error
    if not _HEX.fullmatch(head.hash) or not isinstance(head.number, int):
        raise Refusal("audit.bad_head", path=str(path))
    return head
