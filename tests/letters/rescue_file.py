"""Letters, and a file of unsent ones, sealed as the phone does (web/phone/src/outbox/seal.ts)."""

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
from lianhu.letters.actions import opening
from lianhu.letters.actions.rescue import FORMAT
from lianhu.media.actions import SEALED
from tests.letters.helpers import incoming, wire


def sealed(content, about):
    """`content` (bytes) sealed to the county's newest key, as an envelope's fields."""
    office = public_key()
    theirs = load_der_public_key(base64.b64decode(office["key"]))
    own = ec.generate_private_key(ec.SECP256R1())
    key = HKDF(SHA256(), 32, salt=b"", info=about.encode()).derive(
        own.exchange(ec.ECDH(), theirs)
    )
    nonce = os.urandom(12)
    spki = own.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    signs = {"sender": spki, "nonce": nonce, "data": AESGCM(key).encrypt(nonce, content, None)}
    text = {name: base64.b64encode(value).decode() for name, value in signs.items()}
    return {"version": office["version"]} | text


def envelope(letter, author, **outer):
    """A letter in an envelope of its writer's; `outer` replaces what stands outside the seal."""
    about = f"{opening.FORMAT}\n{author}\n{letter.id}"
    fields = {"format": opening.FORMAT, "writer": str(author)}
    text = json.dumps(fields | sealed(letter.text.encode(), about) | outer)
    return incoming(text, letter.id, media=letter.media)


def half(author, pair_id, content="half", **outer):
    """The private half of a phone's pair, in an envelope of its writer's."""
    about = f"{opening.HALF}\n{author}\n{pair_id}"
    fields = {"format": opening.HALF, "writer": str(author)}
    return json.dumps(fields | sealed(content.encode(), about) | outer)


def picture(data, author, name=None, **outer):
    """A photo as a phone sends it: a line that says how it is sealed, and what it seals."""
    name = name or hashlib.sha256(data).hexdigest()
    signs = sealed(data, f"{SEALED}\n{author}\n{name}")
    within = base64.b64decode(signs.pop("data"))
    head = {"format": SEALED, "writer": str(author)} | signs | outer
    return json.dumps(head).encode() + b"\n" + within


def file_of(credential, letters=(), photos=(), *, named=(), **outer):
    """The bytes of a file; `outer` replaces what stands outside the seal. `named`: photos under
    another name than their own sum, as sealed ones are."""
    content = {
        "credential": credential,
        "letters": [wire(letter) for letter in letters],
        "photos": [
            {"sha256": name, "data": base64.b64encode(p).decode()}
            for name, p in [*((hashlib.sha256(p).hexdigest(), p) for p in photos), *named]
        ],
    }
    fields = {"format": FORMAT} | sealed(json.dumps(content).encode(), FORMAT)
    return json.dumps(fields | outer).encode()
