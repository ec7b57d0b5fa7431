"""Open what somebody sealed to the county's public key, which anybody may have.

A P-256 key pair is derived from each version of the ring. The sender makes a pair for one use; the
shared secret becomes, through HKDF-SHA256, the key of AES-256-GCM: ECIES as browsers can do it.
"""

import base64
import json
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from lianhu.kernel.errors import Refusal
from lianhu.kernel.keyring import Version, ring

CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
WIDE = 48  # bytes reduced to a scalar: 128 bits more than the order, so no bias


def public_key() -> dict[str, Any]:
    """The key to seal to: the ring's newest version, and SPKI in base64."""
    newest = ring().newest
    spki = (
        _private(newest)
        .public_key()
        .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    return {"version": newest.number, "key": base64.b64encode(spki).decode()}


def open_sealed(version: int, sender: bytes, nonce: bytes, data: bytes, about: bytes) -> bytes:
    """What was sealed to a version's key for one use; `sender` is the pair's SPKI.

    A version that was retired opens too, as long as its key for this is kept. Refuses
    ``exchange.no_version`` (neither is there), ``exchange.unreadable`` (no such key, not whole).
    """
    keys = ring()
    found = keys.versions.get(version)
    number = keys.exchange.get(version) if found is None else _number(found)
    if number is None:
        raise Refusal("exchange.no_version", number=version)
    try:
        theirs = load_der_public_key(sender)
        if not isinstance(theirs, ec.EllipticCurvePublicKey):
            raise Refusal("exchange.unreadable")
        secret = ec.derive_private_key(number, CURVE).exchange(ec.ECDH(), theirs)
        key = HKDF(SHA256(), 32, salt=None, info=about).derive(secret)
        return AESGCM(key).decrypt(nonce, data, None)
    except (ValueError, InvalidTag) as error:
        raise Refusal("exchange.unreadable") from error


def open_envelope(outer: dict[str, Any], about: str, data: bytes | None = None) -> bytes:
    """What stands in an envelope of JSON (`version`, `sender`, `nonce`, `data`, bytes in base64),
    or in `data` where that lies beside it.
    Refuses ``exchange.no_version``, ``exchange.unreadable``."""
    try:
        number = outer["version"]
        if not isinstance(number, int) or isinstance(number, bool):
            raise Refusal("exchange.unreadable")
        sender, nonce = (base64.b64decode(outer[name]) for name in ("sender", "nonce"))
        within = base64.b64decode(outer["data"]) if data is None else data
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal("exchange.unreadable") from error
    return open_sealed(number, sender, nonce, within, about.encode())


def open_written(
    outer: dict[str, Any], form: str, writer: UUID, name: object, data: bytes | None = None
) -> bytes:
    """What a phone sealed in its writer's name, who is bound into the key with what it is; for a
    phone of that person only. `data` as in `open_envelope`.

    Refuses ``sealed.of_another`` (somebody else wrote it), ``sealed.key_gone`` (the county has no
    such key any more), ``sealed.unreadable``.
    """
    if outer.get("writer") != str(writer):
        raise Refusal("sealed.of_another")
    try:
        return open_envelope(outer, f"{form}\n{writer}\n{name}", data)
    except Refusal as refusal:
        gone = refusal.code == "exchange.no_version"
        raise Refusal("sealed.key_gone" if gone else "sealed.unreadable") from refusal


def envelope_of(text: str | bytes, form: str) -> dict[str, Any] | None:
    """An envelope of a form ("lianhu-letter/1"), or None where the text is something else."""
    if (form if isinstance(text, str) else form.encode()) not in text:  # type: ignore[operator]
        return None
    try:
        outer = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return outer if isinstance(outer, dict) and outer.get("format") == form else None


def kept_key(version: Version) -> str:
    """What is kept of a version when it is retired, in hex: it opens what was sealed to its public
    key. HKDF goes one way, so nothing else of the version can be opened with it."""
    return f"{_number(version):064x}"


def _private(version: Version) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(_number(version), CURVE)


def _number(version: Version) -> int:
    wide = HKDF(SHA256(), WIDE, salt=None, info=b"lianhu exchange P-256").derive(version.secret)
    return int.from_bytes(wide) % (ORDER - 1) + 1
