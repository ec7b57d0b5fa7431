"""A phone's own key pair, which signs as browsers do."""

import base64
import hashlib
import secrets

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lianhu.accounts.rules import enrol_text, renewal_text


class Key:
    """A P-256 pair; `public` is what the office is told of it."""

    def __init__(self) -> None:
        self._pair = ec.generate_private_key(ec.SECP256R1())
        spki = self._pair.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        self.public = base64.b64encode(spki).decode()

    def sign(self, text: str) -> str:
        """The two numbers one after the other, in base64."""
        pair = decode_dss_signature(self._pair.sign(text.encode(), ec.ECDSA(SHA256())))
        return base64.b64encode(b"".join(n.to_bytes(32) for n in pair)).decode()

    def enrol(self, token: str) -> dict[str, str]:
        """What goes with an enrolment."""
        return {"public_key": self.public, "proof": self.sign(enrol_text(token, self.public))}

    def renew(self, device: str, challenge: str, successor: str) -> dict[str, str]:
        """What goes with a new credential."""
        proof = self.sign(renewal_text(device, challenge, successor))
        return {"challenge": challenge, "successor": successor, "proof": proof}


def fresh() -> tuple[str, str]:
    """A credential of a phone's own making, and what the office is told of it."""
    credential = secrets.token_urlsafe(32)
    return credential, hashlib.sha256(credential.encode()).hexdigest()
