"""The outbox of a phone, read past the app, and opened as only the county can."""

import base64
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import load_der_public_key

from bench.serving import County
from lianhu.kernel.exchange import kept_key
from lianhu.kernel.keyring import read_ring

KEPT = """
() => new Promise((found, broken) => {
  const opening = indexedDB.open('lianhu-outbox');
  opening.onerror = () => broken(opening.error);
  opening.onsuccess = () => {
    const base = opening.result;
    const all = base.transaction('waiting').objectStore('waiting').getAll();
    all.onsuccess = () => {
      base.close();
      found(all.result.map(({ own, ...row }) => row).sort((a, b) => a.seq - b.seq));
    };
  };
})
"""


def is_sealed(row: dict[str, Any]) -> bool:
    """Whether a letter is in its envelope."""
    return str(row["text"]).startswith('{"format":"lianhu-letter/1"')


def opened(county: County, rows: list[dict[str, Any]]) -> dict[str, str]:
    """The text of each letter by its id, from its envelope alone, by the county's ring."""
    version = read_ring(Path(county.folder) / "keys.json").newest
    own = ec.derive_private_key(int(kept_key(version), 16), ec.SECP256R1())
    return {row["id"]: _open(own, row) for row in rows}


def _open(own: ec.EllipticCurvePrivateKey, row: dict[str, Any]) -> str:
    outer = json.loads(row["text"])
    sender, nonce, data = (
        base64.b64decode(outer[name]) for name in ("sender", "nonce", "data")
    )
    theirs = load_der_public_key(sender)
    assert isinstance(theirs, ec.EllipticCurvePublicKey)
    about = f"lianhu-letter/1\n{outer['writer']}\n{row['id']}".encode()
    key = HKDF(SHA256(), 32, salt=b"", info=about).derive(own.exchange(ec.ECDH(), theirs))
    return AESGCM(key).decrypt(nonce, data, None).decode()
