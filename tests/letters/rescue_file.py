"""A file of unsent letters, sealed as the phone does it (web/phone/src/outbox/rescue.ts)."""

import base64
import hashlib
import json
import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from lianhu.kernel.exchange import public_key
from lianhu.letters.actions.rescue import FORMAT
from tests.letters.helpers import wire


def file_of(credential, letters=(), photos=(), **outer):
    """The bytes of a file; `outer` replaces what stands outside the seal."""
    office = public_key()
    theirs = load_der_public_key(base64.b64decode(office["key"]))
    own = ec.generate_private_key(ec.SECP256R1())
    key = HKDF(SHA256(), 32, salt=b"", info=FORMAT.encode()).derive(
        own.exchange(ec.ECDH(), theirs)
    )
    content = {
        "credential": credential,
        "letters": [wire(letter) for letter in letters],
        "photos": [
            {"sha256": hashlib.sha256(p).hexdigest(), "data": base64.b64encode(p).decode()}
            for p in photos
        ],
    }
    nonce = os.urandom(12)
    spki = own.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    data = AESGCM(key).encrypt(nonce, json.dumps(content).encode(), None)
    signs = {"sender": spki, "nonce": nonce, "data": data}
    text = {name: base64.b64encode(value).decode() for name, value in signs.items()}
    return json.dumps({"format": FORMAT, "version": office["version"]} | text | outer).encode()
