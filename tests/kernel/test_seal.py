"""Sealed fields: only with the key, only in their own place; the blind index is keyed."""

import hashlib
import json
import secrets

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from lianhu.kernel.errors import Refusal
from lianhu.kernel.keyring import fresh_ring, make_ring, new_entry, read_content, write_content
from lianhu.kernel.seal import blind, blinds, seal, unseal, version_of
from lianhu.kernel.suites import AES, SM, SUITES

NUMBER = "999321195005010018"
PLACES = ("person.id.1", "person.id.2", "person.phone.1", "matter.id.1", "person.id", "")


@pytest.fixture(params=SUITES)
def suite(request, settings, tmp_path):
    """A ring of its own, of each suite in turn."""
    settings.LIANHU_SUITE = request.param
    settings.LIANHU_KEYS = tmp_path / "keys.json"
    make_ring(settings.LIANHU_KEYS)
    return SUITES[request.param]


def _add_version(path, suite: str) -> None:
    content = read_content(path)
    number = max(int(n) for n in content["versions"]) + 1
    content["versions"][str(number)] = new_entry(suite)
    write_content(path, content | {"current": number})


@given(st.text(min_size=1))
def test_unseal_gives_back_what_was_sealed(text):
    assume_bytes = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    assert unseal(seal(assume_bytes, "person.id.1"), "person.id.1") == assume_bytes


def test_unseal_gives_back_what_either_suite_sealed(suite):
    assert [unseal(seal(t, "a.b.1"), "a.b.1") for t in ("x", NUMBER, "山" * 900)] == [
        "x", NUMBER, "山" * 900,
    ]  # fmt: skip


def test_seal_says_its_suite_and_version_and_never_writes_the_same_twice(suite):
    one, two = seal(NUMBER, "person.id.1"), seal(NUMBER, "person.id.1")
    assert (one[0], version_of(one), len(one)) == (suite.mark, 1, 3 + 12 + 18 + 16)
    assert one != two


@pytest.mark.parametrize("place", PLACES[1:])
def test_unseal_refuses_a_value_moved_to_another_row_field_or_table(suite, place):
    sealed = seal(NUMBER, PLACES[0])
    with pytest.raises(InvalidTag):
        unseal(sealed, place)


def test_unseal_refuses_a_value_changed_anywhere(suite):
    sealed = seal(NUMBER, "person.id.1")
    for at in range(len(sealed)):
        spoilt = bytearray(sealed)
        spoilt[at] ^= 1
        with pytest.raises((InvalidTag, Refusal)):
            unseal(bytes(spoilt), "person.id.1")


def test_unseal_refuses_a_value_that_says_it_is_of_another_version(suite, settings):
    sealed = seal(NUMBER, "person.id.1")
    content = read_content(settings.LIANHU_KEYS)
    content["versions"]["2"] = content["versions"]["1"]  # even with the very same secret
    write_content(settings.LIANHU_KEYS, content)
    with pytest.raises(InvalidTag):
        unseal(sealed[:2] + b"\x02" + sealed[3:], "person.id.1")


def test_unseal_opens_older_versions_and_seal_takes_the_newest(suite, settings):
    old = seal(NUMBER, "person.id.1")
    other = SM if suite is AES else AES
    _add_version(settings.LIANHU_KEYS, other.name)
    new = seal(NUMBER, "person.id.1")
    assert (new[0], version_of(new)) == (other.mark, 2)
    assert [unseal(s, "person.id.1") for s in (old, new)] == [NUMBER, NUMBER]


def test_unseal_refuses_a_version_that_the_ring_lacks(suite, settings):
    sealed = seal(NUMBER, "person.id.1")
    _add_version(settings.LIANHU_KEYS, suite.name)
    content = read_content(settings.LIANHU_KEYS)
    del content["versions"]["1"]
    write_content(settings.LIANHU_KEYS, content)
    with pytest.raises(Refusal) as refused:
        unseal(sealed, "person.id.1")
    assert (refused.value.code, refused.value.details) == ("keys.no_version", {"number": 1})


def test_seal_and_blind_leave_empty_empty():
    assert (seal("", "a"), unseal(b"", "a"), blind("", "a"), blinds("", "a")) == (
        b"", "", b"", [],
    )  # fmt: skip


def test_blind_is_keyed_and_differs_by_field(suite):
    one = blind(NUMBER, "person.id")
    assert (one, one[:2], len(one)) == (blind(NUMBER, "person.id"), b"\x00\x01", 16)
    assert one[2:] != blind(NUMBER, "person.phone")[2:]
    assert one[2:] != hashlib.sha256(f"person.id:{NUMBER}".encode()).digest()[:14]


def test_blinds_are_those_of_every_version_while_versions_change(suite, settings):
    before = blind(NUMBER, "person.id")
    _add_version(settings.LIANHU_KEYS, suite.name)
    after = blind(NUMBER, "person.id")
    assert after[:2] == b"\x00\x02"
    assert blinds(NUMBER, "person.id") == [before, after]


def test_no_two_uses_share_a_key(suite, monkeypatch):
    """Each field has a key of its own for sealing, and one for its index."""
    version, seen = fresh_ring().newest, []
    monkeypatch.setattr(type(version), "_derive", _noting(type(version)._derive, seen))
    for purpose in ("person.id", "person.phone", "care.words"):
        version.cipher(purpose)
        version.mac(b"x", purpose)
    assert (len(seen), len(set(seen)), {len(k) for k in seen}) == (6, 6, {suite.key_bytes})
    assert version.secret[: suite.key_bytes] not in seen


def _noting(derive, seen):
    def noted(version, use, purpose):
        seen.append(derive(version, use, purpose))
        return seen[-1]

    return noted


def test_a_ring_of_the_earlier_form_opens_finds_and_seals(settings, tmp_path):
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    key, index, nonce = secrets.token_bytes(32), secrets.token_bytes(32), b"n" * 12
    early = b"\x01" + nonce + AESGCM(key).encrypt(nonce, NUMBER.encode(), b"person.id.1")
    settings.LIANHU_KEYS = tmp_path / "keys.json"
    content = {"current": 1, "keys": {"1": key.hex()}, "index": index.hex()}
    settings.LIANHU_KEYS.write_text(json.dumps(content | {"ledger": "22" * 32}))
    assert (unseal(early, "person.id.1"), version_of(early)) == (NUMBER, 1)
    with pytest.raises(InvalidTag):
        unseal(early, "person.id.2")
    import hmac  # noqa: PLC0415

    as_it_was = hmac.digest(index, f"person.id:{NUMBER}".encode(), hashlib.sha256)[:16]
    assert as_it_was in blinds(NUMBER, "person.id")
    assert blind(NUMBER, "person.id") in blinds(NUMBER, "person.id")
    assert unseal(seal(NUMBER, "person.id.1"), "person.id.1") == NUMBER
