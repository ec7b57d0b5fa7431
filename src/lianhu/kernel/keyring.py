"""The key ring: versions of one secret, from which a key is derived for each purpose.

A JSON file outside the database, named by LIANHU_KEYS::

    {"current": 2, "ledger": "<64 hex>", "versions": {
        "1": {"suite": "aes", "secret": "<64 hex>", "made": "2026-11-26"}, "2": …}}

`current` seals and indexes; every version opens and finds. Servers under way look at the file
once a second (`LOOK`), so a version that was put in LOOK seconds ago is known everywhere.
`exchange` is what is left of versions that were retired: a key that opens what phones sealed to
them (kernel.exchange) and nothing else, as a version's secret cannot be found from it.
`ledger` signs heads of the ledger (audit.signing). A ring of an earlier form, with ``keys`` and
``index`` in place of ``versions``, is read as it is: its keys are used as they stand.
"""

import hashlib
import json
import os
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from lianhu.kernel.errors import Refusal
from lianhu.kernel.suites import SUITES, Cipher, Mac, Suite

LOOK = 1.0  # seconds
SHORTEST = 32  # bytes of a secret
MOST_VERSIONS = 0xFFFF
Content = dict[str, Any]


@dataclass(slots=True)
class Version:
    """One secret of the ring and what is derived from it, each key for one purpose."""

    number: int
    suite: Suite
    secret: bytes = field(repr=False)
    made: str = ""
    # Of a ring of the earlier form: one index key for all fields.
    index: bytes = field(default=b"", repr=False)
    ciphers: dict[str, Cipher] = field(default_factory=dict, repr=False)
    macs: dict[str, Mac] = field(default_factory=dict, repr=False)

    @property
    def is_early(self) -> bool:
        """Whether its keys are used as they stand, without derivation."""
        return bool(self.index)

    def cipher(self, purpose: str) -> Cipher:
        """What seals and opens values of a purpose ("table.field")."""
        found = self.ciphers.get(purpose)
        if found is None:
            key = self.secret if self.is_early else self._derive("seal", purpose)
            found = self.ciphers[purpose] = self.suite.make_cipher(key)
        return found

    def mac(self, text: bytes, purpose: str) -> bytes:
        """The keyed hash of a text for the blind index of a purpose."""
        begun = self.macs.get(purpose)
        if begun is None:
            key = self.index or self._derive("index", purpose)
            begun = self.macs[purpose] = self.suite.make_mac(key)
        mac = begun.copy()
        mac.update(text)
        return mac.finalize()

    def fingerprints(self) -> dict[str, str]:
        """Short names of its keys, from which no key can be found."""
        if not self.is_early:
            return {f"version {self.number}": fingerprint(self.secret)}
        return {
            f"seal {self.number}": fingerprint(self.secret),
            "index": fingerprint(self.index),
        }

    def _derive(self, use: str, purpose: str) -> bytes:
        about = f"lianhu {self.suite.name} {use} {purpose}".encode()
        return HKDF(SHA256(), self.suite.key_bytes, salt=None, info=about).derive(self.secret)


def fingerprint(key: bytes) -> str:
    """A short name for a key, from which the key cannot be found."""
    return hashlib.sha256(b"lianhu fingerprint\n" + key).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys in use: versions by number, and the one that seals."""

    newest: Version
    versions: dict[int, Version]
    # Of retired versions: only what opens that which was sealed to their public keys.
    exchange: dict[int, int] = field(default_factory=dict, repr=False)


@dataclass(slots=True)
class _Kept:
    """The ring as this process last read it. `path` is the setting itself, told from another by
    identity: to compare paths costs more than all else of `ring`, and every value asks it."""

    path: Path | str | None = None
    stamp: tuple[int, int, int] = (0, 0, 0)
    looked: float = 0.0
    ring: Ring | None = None


_kept = _Kept()


def ring() -> Ring:
    """The ring named by the setting LIANHU_KEYS. Refuses ``keys.missing`` (no key, no start),
    ``keys.unreadable``, ``keys.too_short``."""
    path, now = settings.LIANHU_KEYS, time.monotonic()
    kept = _kept.ring  # once: another thread may forget it
    if kept is None or _kept.path is not path or now - _kept.looked >= LOOK:
        return _look(path, now)
    return kept


def fresh_ring() -> Ring:
    """The ring as it is in the file at this moment; refuses as `ring`."""
    _kept.looked = 0.0
    return _look(settings.LIANHU_KEYS, time.monotonic())


def _look(path: Path | str, now: float) -> Ring:
    try:
        found = Path(path).stat()
    except FileNotFoundError:
        forget_ring()
        raise Refusal("keys.missing", path=str(path)) from None
    stamp = (found.st_mtime_ns, found.st_ino, found.st_size)
    kept = _kept.ring
    if kept is None or _kept.path is not path or _kept.stamp != stamp:
        kept = read_ring(Path(path))
        _kept.path, _kept.stamp, _kept.ring = path, stamp, kept
    _kept.looked = now
    return kept


def forget_ring() -> None:
    """Read the file again at the next call, whatever it looks like."""
    _kept.ring, _kept.looked = None, 0.0


def read_ring(path: Path) -> Ring:
    """A ring from its file; refuses as `ring`."""
    try:
        content = read_content(path)
        versions = {int(n): _version(int(n), v) for n, v in content["versions"].items()}
        exchange = {
            int(number): int(kept["key"], 16)
            for number, kept in content.get("exchange", {}).items()
        }
        return Ring(versions[int(content["current"])], versions, exchange)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise Refusal("keys.unreadable", path=str(path)) from error


def _version(number: int, entry: dict[str, str]) -> Version:
    secret, index = bytes.fromhex(entry["secret"]), bytes.fromhex(entry.get("index", ""))
    early = "index" in entry
    if len(secret) < SHORTEST or (early and len(index) < SHORTEST):
        raise Refusal("keys.too_short", number=number, bytes=SHORTEST)
    if not 0 < number <= MOST_VERSIONS:
        raise ValueError(number)
    return Version(number, SUITES[entry["suite"]], secret, entry.get("made", ""), index)


def read_content(path: Path) -> Content:
    """What a ring's file says, in the present form; refuses ``keys.missing``, else raises
    ValueError."""
    if not path.is_file():
        raise Refusal("keys.missing", path=str(path))
    content = json.loads(path.read_text())
    if not isinstance(content, dict):
        raise ValueError(path)
    if "keys" in content:
        early, index = content.pop("keys"), content.pop("index")
        content["versions"] = {
            number: {"suite": "aes", "secret": key, "index": index}
            for number, key in early.items()
        }
    return content


def write_content(path: Path, content: Content) -> None:
    """Put a ring into its file, whole or not at all, readable by its owner only."""
    scratch = path.with_name(f"{path.name}.{os.getpid()}.part")
    scratch.unlink(missing_ok=True)
    handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    scratch.rename(path)
    forget_ring()


def new_entry(suite: str) -> dict[str, str]:
    """A fresh version's line of the ring; refuses ``keys.unknown_suite``."""
    if suite not in SUITES:
        raise Refusal("keys.unknown_suite", suite=suite, names="、".join(SUITES))
    made = datetime.now(UTC).date().isoformat()
    return {"suite": suite, "secret": secrets.token_hex(SHORTEST), "made": made}


def make_ring(path: Path) -> None:
    """Write a fresh ring to `path`; an existing one is kept, and only given what it lacks."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content: Content = read_content(path) if path.exists() else {}
    lacking: Content = {}
    if not content:
        lacking = {"current": 1, "versions": {"1": new_entry(settings.LIANHU_SUITE)}}
    if "ledger" not in content:
        lacking["ledger"] = secrets.token_hex(SHORTEST)
    if lacking:
        write_content(path, content | lacking)
