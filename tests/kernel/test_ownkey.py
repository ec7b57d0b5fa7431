"""An own key seals for one place, by the suite in use, and nothing opens but by it."""

import pytest
from cryptography.exceptions import InvalidTag

from lianhu.kernel.errors import Refusal
from lianhu.kernel.keyring import make_ring
from lianhu.kernel.ownkey import OWN_MARKS, OwnKey, is_own, new_key
from lianhu.kernel.seal import seal
from lianhu.kernel.suites import MARKS

WHERE = "person.phone.1"


@pytest.fixture(params=["aes", "sm4"])
def suite(request, settings, tmp_path):
    settings.LIANHU_SUITE = request.param
    settings.LIANHU_KEYS = tmp_path / "keys.json"
    make_ring(settings.LIANHU_KEYS)
    return request.param


def test_what_a_key_seals_it_opens_for_the_same_place_only(suite):
    key = new_key()
    sealed = key.seal("号码".encode(), WHERE)
    assert key.unseal(memoryview(sealed), WHERE) == "号码".encode()
    assert (OWN_MARKS[sealed[0]].name, sealed[1:3]) == (suite, key.mark)
    with pytest.raises(InvalidTag):
        key.unseal(sealed, "person.phone.2")


def test_no_other_key_opens_even_under_the_same_mark(suite):
    key = new_key()
    sealed = key.seal(b"1", WHERE)
    other = new_key()
    with pytest.raises(InvalidTag):
        OwnKey(key.mark, other.secret).unseal(sealed, WHERE)
    far = OwnKey(bytes(255 - sign for sign in key.mark), key.secret)
    with pytest.raises(Refusal) as refused:
        far.unseal(sealed, WHERE)
    assert refused.value.code == "keys.destroyed"


def test_a_value_that_says_another_suite_or_was_changed_does_not_open(suite):
    key = new_key()
    sealed = key.seal(b"1", WHERE)
    for mark in set(OWN_MARKS) - {sealed[0]}:
        with pytest.raises(InvalidTag):
            key.unseal(bytes([mark]) + sealed[1:], WHERE)
    with pytest.raises(InvalidTag):
        key.unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]), WHERE)


def test_own_values_are_told_from_the_rings_and_nothing_is_sealed_for_nothing(suite):
    assert set(OWN_MARKS) & set(MARKS) == set()
    assert is_own(new_key().seal(b"1", WHERE))
    assert not is_own(seal("1", WHERE))
    assert new_key().seal(b"", WHERE) == b""
    assert not is_own(b"")


def test_keys_are_drawn_anew_and_say_nothing_of_themselves():
    keys = [new_key() for _ in range(3)]
    assert len({key.secret for key in keys}) == 3
    assert all(len(key.secret) == 32 and len(key.mark) == 2 for key in keys)
    assert keys[0].secret.hex() not in repr(keys[0])
    assert repr(keys[0].secret) not in repr(keys[0])
