"""Seal personal fields with authenticated encryption, and find them again by a keyed blind index.

A sealed value is ``suite (1 byte), version (2), nonce (12), ciphertext, tag (16)``; the associated
data is those first three bytes and ``table.field.row``, so that a value cannot be moved to another
row, field or table, nor be said to be of another version. A blind index is ``version (2), keyed
hash (14)``: a bare or salted hash of an ID number can be reversed in 39 seconds (quality.md), a
keyed one cannot without the key. Keys: `kernel.keyring`; every column that holds such a value
stands in `keeping.sealed`.
"""

import os

from cryptography.exceptions import InvalidTag

from lianhu.kernel.errors import Refusal
from lianhu.kernel.keyring import Ring, Version, fresh_ring, ring
from lianhu.kernel.suites import MARKS

HEAD, NONCE, INDEX = 3, 12, 16
EARLY = 0x80  # below: the first byte is the version of a ring of the earlier form
Sealed = bytes | memoryview


def seal(text: str, where: str) -> bytes:
    """`text` sealed for `where` ("table.field.row"); empty for empty."""
    return seal_bytes(text.encode(), where)


def seal_bytes(content: bytes, where: str) -> bytes:
    """`content` sealed for `where` ("table.field.row"); empty for empty."""
    return seal_with(ring().newest, content, where) if content else b""


def seal_with(version: Version, content: bytes, where: str) -> bytes:
    """`content` sealed by one version of the ring."""
    head, nonce = head_of(version), os.urandom(NONCE)
    cipher = version.cipher(_purpose(where))
    return head + nonce + cipher.encrypt(nonce, content, head + where.encode())


def head_of(version: Version) -> bytes:
    """The first bytes of everything that a version seals."""
    return bytes([version.suite.mark]) + version.number.to_bytes(2, "big")


def version_of(sealed: Sealed) -> int:
    """The number of the version that sealed a value."""
    raw = bytes(sealed[:HEAD])
    return raw[0] if raw[0] < EARLY else int.from_bytes(raw[1:HEAD], "big")


def unseal(sealed: Sealed, where: str) -> str:
    """The text behind `sealed`; raises InvalidTag when it was sealed for another place, refuses
    ``keys.no_version`` when the ring lacks the version that sealed it."""
    return unseal_bytes(sealed, where).decode()


def unseal_bytes(sealed: Sealed, where: str) -> bytes:
    """The content behind `sealed`; raises and refuses as `unseal`."""
    raw = bytes(sealed)
    if not raw:
        return b""
    version = _known(version_of(raw))
    if raw[0] < EARLY:
        cipher = version.cipher(_purpose(where))
        return cipher.decrypt(raw[1 : 1 + NONCE], raw[1 + NONCE :], where.encode())
    if MARKS.get(raw[0]) is not version.suite:
        raise InvalidTag
    nonce, body = raw[HEAD : HEAD + NONCE], raw[HEAD + NONCE :]
    return version.cipher(_purpose(where)).decrypt(nonce, body, raw[:HEAD] + where.encode())


def _known(number: int) -> Version:
    """A version of the ring, of the file itself if need be: another process may have added it."""
    found = ring().versions.get(number) or fresh_ring().versions.get(number)
    if found is None:
        raise Refusal("keys.no_version", number=number)
    return found


def _purpose(where: str) -> str:
    return where.rpartition(".")[0]


def blind(text: str, field: str) -> bytes:
    """The blind index of `text` for `field` ("table.field"), as it is written now: 16 bytes;
    empty for empty. To look something up take `blinds`."""
    return blind_with(ring().newest, text, field) if text else b""


def blind_with(version: Version, text: str, field: str) -> bytes:
    """The blind index of `text` by one version of the ring."""
    mark = version.number.to_bytes(2, "big")
    return mark + version.mac(f"{field}:{text}".encode(), field)[: INDEX - len(mark)]


def blinds(text: str, field: str) -> list[bytes]:
    """Every blind index under which `text` may stand while versions change: for
    ``filter(column__in=…)``; none for empty. Ask anew for each statement."""
    return _blinds(ring(), text, field) if text else []


def _blinds(keys: Ring, text: str, field: str) -> list[bytes]:
    found = [blind_with(version, text, field) for version in keys.versions.values()]
    early = (v for v in keys.versions.values() if v.is_early)
    return found + [v.mac(f"{field}:{text}".encode(), field)[:INDEX] for v in early]
