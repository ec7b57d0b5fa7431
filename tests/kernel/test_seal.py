"""Sealed fields: only with the key, only in their own row; the blind index is keyed."""

import hashlib
import json
import stat

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from lianhu.kernel.errors import Refusal
from lianhu.kernel.seal import blind, make_ring, ring, seal, unseal


@given(st.text(min_size=1))
def test_unseal_gives_back_what_was_sealed(text):
    assume_bytes = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    assert unseal(seal(assume_bytes, "person.id.1"), "person.id.1") == assume_bytes


def test_seal_never_writes_the_same_twice():
    assert seal("610921", "a") != seal("610921", "a")


def test_unseal_refuses_a_value_moved_to_another_row():
    sealed = seal("999321195005010018", "person.id.1")
    with pytest.raises(InvalidTag):
        unseal(sealed, "person.id.2")


def test_unseal_refuses_a_value_that_was_changed():
    sealed = bytearray(seal("999321195005010018", "person.id.1"))
    sealed[-1] ^= 1
    with pytest.raises(InvalidTag):
        unseal(bytes(sealed), "person.id.1")


def test_seal_and_blind_leave_empty_empty():
    assert (seal("", "a"), unseal(b"", "a"), blind("", "a")) == (b"", "", b"")


def test_blind_is_keyed_and_differs_by_field():
    one = blind("999321195005010018", "person.id")
    assert one == blind("999321195005010018", "person.id")
    assert one != blind("999321195005010018", "person.phone")
    assert one != hashlib.sha256(b"person.id:999321195005010018").digest()[:16]
    assert len(one) == 16


def test_make_ring_is_for_its_owner_only_and_keeps_what_is_there(tmp_path):
    path = tmp_path / "a" / "keys.json"
    make_ring(path)
    first = path.read_text()
    make_ring(path)
    assert path.read_text() == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(json.loads(first)) == {"current", "keys", "index", "ledger"}


def test_ring_refuses_to_start_without_keys(tmp_path, settings):
    settings.LIANHU_KEYS = tmp_path / "none.json"
    ring.cache_clear()
    try:
        with pytest.raises(Refusal) as refused:
            ring()
    finally:
        ring.cache_clear()
    assert refused.value.code == "keys.missing"


def test_make_ring_gives_an_earlier_ring_only_what_it_lacks(tmp_path):
    path = tmp_path / "keys.json"
    earlier = {"current": 1, "keys": {"1": "00" * 32}, "index": "11" * 32}
    path.write_text(json.dumps(earlier))
    make_ring(path)
    now = json.loads(path.read_text())
    assert {name: now[name] for name in earlier} == earlier
    assert (len(bytes.fromhex(now["ledger"])), path.stat().st_mode & 0o077) == (32, 0)
