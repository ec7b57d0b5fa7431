"""SM4-GCM and HMAC-SM3 give what others publish."""

import hmac

from cryptography.hazmat.primitives.hashes import SM3, Hash

from lianhu.kernel.suites import AES, SM


def test_sm4_gcm_gives_the_vector_of_rfc_8998():
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    nonce = bytes.fromhex("00001234567800000000ABCD")
    about = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    plain = b"".join(bytes([b]) * 8 for b in (0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0xEE, 0xAA))
    sealed = bytes.fromhex(
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )
    cipher = SM.make_cipher(key)
    assert cipher.encrypt(nonce, plain, about) == sealed
    assert cipher.decrypt(nonce, sealed, about) == plain


def test_hmac_sm3_is_hmac_over_sm3():
    key, text = b"k" * 16, b"999321195005010018"

    def sm3(data: bytes) -> bytes:
        made = Hash(SM3())
        made.update(data)
        return made.finalize()

    assert sm3(b"abc").hex() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )  # GB/T 32905-2016, A.1
    padded = key.ljust(64, b"\0")
    inner = sm3(bytes(b ^ 0x36 for b in padded) + text)
    begun = SM.make_mac(key)
    for _ in range(2):  # what was begun is good for more than one text
        assert _finished(begun, text) == sm3(bytes(b ^ 0x5C for b in padded) + inner)


def test_hmac_sha256_is_what_python_makes_of_it():
    key, text = b"k" * 32, b"999321195005010018"
    assert _finished(AES.make_mac(key), text) == hmac.digest(key, text, "sha256")


def _finished(begun, text):
    mac = begun.copy()
    mac.update(text)
    return mac.finalize()
