"""Rotation and what persons' own keys seal: the keys move, their values stay; a value whose key
is gone holds nothing up."""

import json

import pytest

from lianhu.audit.models import Entry
from lianhu.grading.models import CareEpisode
from lianhu.keeping.actions import reseal as resealing
from lianhu.keeping.actions.retire import retire
from lianhu.keeping.actions.rotate import rotate
from lianhu.keeping.sealed import find_key_faults, ring_faults, used_versions
from lianhu.kernel.keyring import make_ring
from lianhu.kernel.ownkey import OWN, OwnKey, is_own
from lianhu.kernel.seal import seal
from lianhu.people.actions.erase import erase_fields
from lianhu.people.keys import read_key
from lianhu.people.models import Change, Person, PersonKey, Proposal
from tests import cast
from tests.keeping.filled import fill, read_all

AT = {"at": cast.NOON}
QUICK = {**AT, "grace": 0.0, "pause": 0.0}


@pytest.fixture
def filled(settings, tmp_path, warden, secretary_east, data_officer):
    settings.LIANHU_KEYS = tmp_path / "keys.json"
    make_ring(settings.LIANHU_KEYS)
    fill(warden, secretary_east, data_officer)


def _sealed_of(person) -> list[bytes]:
    row = Person.objects.get(id=person.id)
    history = Change.objects.filter(person=person).order_by("id")
    return [
        bytes(v) for v in (row.id_sealed, row.phone_sealed, *(c.values_sealed for c in history))
    ]


def test_rotate_leaves_what_own_keys_sealed_and_seals_the_keys_anew(filled):
    person = Change.objects.exclude(person=None).first().person
    before, wrapped = _sealed_of(person), bytes(PersonKey.objects.get(person=person).key_sealed)
    rotate(**QUICK)
    again = PersonKey.objects.get(person=person)
    assert _sealed_of(person) == before
    assert bytes(again.key_sealed)[1:3] == b"\x00\x02"
    assert bytes(again.key_sealed) != wrapped


def test_rotate_moves_to_own_keys_what_the_ring_sealed_before(filled):
    [head] = Person.objects.filter(name="刘0林")
    for person in Person.objects.all():
        Person.objects.filter(id=person.id).update(
            id_sealed=seal(person.id_number, f"person.id.{person.id}"),
            phone_sealed=seal(person.phone, f"person.phone.{person.id}"),
            more_phones_sealed=seal(" ".join(person.more_phones), f"person.phones.{person.id}"),
        )
    for row in Change.objects.all():
        content = seal(json.dumps(row.values), f"change.values.{row.id}")
        Change.objects.filter(id=row.id).update(values_sealed=content)
    for row in CareEpisode.objects.all():
        row.words_sealed = seal(row.words, f"care.words.{row.id}")
        row.save()
    Proposal.objects.all().delete()
    PersonKey.objects.all().delete()
    before = read_all()
    done = rotate(**QUICK)
    assert (read_all(), done.left) == (before, 0)
    assert all(is_own(value) for value in _sealed_of(head))
    assert PersonKey.objects.count() == 6
    assert find_key_faults() == []


def test_rotate_to_another_suite_seals_anew_what_own_keys_sealed(filled, settings):
    before, [head] = read_all(), Person.objects.filter(name="刘0林")
    secret = read_key(head.id).secret
    settings.LIANHU_SUITE = "sm4"
    done = rotate(**QUICK)
    assert (read_all(), done.left) == (before, 0)
    assert {value[0] for value in _sealed_of(head)} == {OWN["sm4"]}
    assert read_key(head.id).secret == secret
    assert find_key_faults() == []


def test_rotate_passes_over_what_is_deleted_in_the_same_moment(
    filled, settings, monkeypatch, secretary_east
):
    """Somebody's phone is deleted between our reading of the row and that of the key."""
    [head] = Person.objects.filter(name="刘0林")
    number = head.id_number
    honest, tried = resealing._keys_for, []

    def meanwhile(rows):
        if not tried:
            tried.append(rows)
            erase_fields(secretary_east, head.id, ["phone"], words="她要求", **AT)
        return honest(rows)

    monkeypatch.setattr(resealing, "_keys_for", meanwhile)
    done = rotate(**QUICK)
    again = Person.objects.get(id=head.id)
    assert (again.phone, again.id_number) == ("", number)
    assert (done.left, used_versions(), find_key_faults()) == (0, {2}, [])


def _with_a_lost_value() -> tuple[Person, bytes]:
    """Somebody whose ID number was sealed by a key that is gone and whose phone is still the
    ring's; the value that nobody opens."""
    person = Person.objects.exclude(id_index=b"").exclude(phone_index=b"").order_by("id")[0]
    lost, number = OwnKey(b"?!", bytes(32)), person.id_number
    person.id_sealed = lost.seal(number.encode(), f"person.id.{person.id}")
    person.phone_sealed = seal(person.phone, f"person.phone.{person.id}")
    person.save()
    return person, bytes(person.id_sealed)


@pytest.mark.parametrize("suite", ["aes", "sm4"])
def test_rotate_moves_what_is_left_of_a_row_with_a_value_whose_key_is_gone(
    filled, settings, suite
):
    settings.LIANHU_SUITE = suite
    person, lost = _with_a_lost_value()
    done = rotate(**QUICK)
    again = Person.objects.get(id=person.id)
    assert again.phone == person.phone
    assert (again.phone_sealed[0], bytes(again.phone_index)[:2]) == (OWN[suite], b"\x00\x02")
    # The lost value and its index stay as they are, are told, and hold up nothing.
    assert (bytes(again.id_sealed), bytes(again.id_index)) == (lost, bytes(person.id_index))
    assert (done.left, done.lost, used_versions()) == (0, 1, {2})
    assert Entry.objects.get(verb="keys.rotate").facts["lost"] == 1
    retire(1, **AT)
    assert ring_faults() == []
    assert [("1 个值" in fault, "本人的钥匙" in fault) for fault in find_key_faults()] == [
        (True, True)
    ]
    assert (rotate(**QUICK).version, rotate(**QUICK).version) == (3, 4)


def test_rotate_takes_up_a_lost_value_whose_key_came_back(filled):
    person = Person.objects.exclude(id_index=b"").order_by("id").first()
    key = PersonKey.objects.get(person=person)
    PersonKey.objects.filter(person=person).delete()
    rotate(**QUICK)
    PersonKey.objects.filter(person=person).delete()  # a fresh one may have been made
    key.save(force_insert=True)
    assert (used_versions(), rotate(**QUICK).left) == ({1, 2}, 0)
    again = Person.objects.get(id=person.id)
    assert (again.id_number, bytes(again.id_index)[:2]) == (person.id_number, b"\x00\x02")
