"""Check what somebody signed with a key of their own, as browsers sign: ECDSA over P-256."""

import base64
import binascii

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

HALF = 32  # bytes of each of the two numbers that WebCrypto puts one after the other


def is_signed(public_key: str, proof: str, text: str) -> bool:
    """Whether the holder of the key (SPKI in base64) signed the text; of no such key, nobody."""
    try:
        key = load_der_public_key(base64.b64decode(public_key, validate=True))
        sign = base64.b64decode(proof, validate=True)
    except (ValueError, TypeError, binascii.Error, UnsupportedAlgorithm):
        return False
    if not isinstance(key, ec.EllipticCurvePublicKey) or len(sign) != 2 * HALF:
        return False
    if not isinstance(key.curve, ec.SECP256R1):
        return False
    pair = encode_dss_signature(int.from_bytes(sign[:HALF]), int.from_bytes(sign[HALF:]))
    try:
        key.verify(pair, text.encode(), ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
