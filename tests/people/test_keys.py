"""Each person's values are sealed by her own key; a deletion takes the key, and so every copy."""

import threading
import time
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db import connection, transaction

from lianhu.audit.models import Entry
from lianhu.kernel.errors import Refusal
from lianhu.kernel.ids import uuid7
from lianhu.kernel.keyring import make_ring
from lianhu.kernel.ownkey import OwnKey, is_own
from lianhu.kernel.seal import seal, unseal_bytes
from lianhu.people.actions.erase import erase_fields
from lianhu.people.actions.forget import forget_changes, forget_persons
from lianhu.people.actions.members import correct_person
from lianhu.people.actions.proposals import Proposed, propose_change
from lianhu.people.keys import bring_keys, keys_of, lock_key, read_key, replace_key
from lianhu.people.models import Change, Person, PersonKey, Proposal
from lianhu.people.queries import list_cards
from tests import cast

AT = {"at": cast.NOON}
NUMBER = cast.make_id_number(700)


@pytest.fixture
def head(places):
    """Somebody with an ID number and three phones."""
    home = cast.make_household(members=[{"name": "张桂花", "relation": "10"}])
    head = cast.head_of(home)
    head.set_id_number(NUMBER)
    head.set_phone("13811110001")
    head.set_more_phones(["13811110002", "13811110003"])
    head.save()
    return head


@pytest.fixture
def known(head, secretary_east, warden):
    """The same with a history and a word from a phone."""
    correct_person(secretary_east, head.id, "phone", "13811110004", words="换了", **AT)
    correct_person(secretary_east, head.id, "name", "刘武临", words="写错了", **AT)
    said = Proposed("phone", head.id, 1, phone="13811110005")
    propose_change(warden, head.household_id, said, **AT)
    return Person.objects.get(id=head.id)


def _dump(person):
    """Every sealed value of a person as the tables hold it, by what it is sealed for."""
    row = Person.objects.get(id=person.id)
    found = {
        f"person.id.{row.id}": row.id_sealed, f"person.phone.{row.id}": row.phone_sealed,
        f"person.phones.{row.id}": row.more_phones_sealed,
    }  # fmt: skip
    for one in Change.objects.filter(person=person).exclude(values_sealed=b""):
        found[f"change.values.{one.id}"] = one.values_sealed
    for one in Proposal.objects.filter(person=person).exclude(values_sealed=b""):
        found[f"proposal.values.{one.id}"] = one.values_sealed
    return {where: bytes(value) for where, value in found.items() if value}


def _opened(key, dump):
    return b" ".join(key.unseal(value, where) for where, value in dump.items()).decode()


def test_every_value_of_a_person_is_sealed_by_a_key_of_her_own(known):
    wife = Person.objects.get(name="张桂花")
    dump = _dump(known)
    assert len(dump) == 6
    assert all(is_own(value) for value in dump.values())
    text = _opened(read_key(known.id), dump)
    assert all(part in text for part in (NUMBER, "13811110003", "13811110004", "13811110005"))
    # The wife has nothing that is sealed, and so no key.
    assert read_key(wife.id) is None
    wife.set_phone("13811110006")
    assert read_key(wife.id).secret != read_key(known.id).secret


def test_of_a_dump_of_before_a_deletion_nothing_opens_with_the_ring_alone(
    known, secretary_east
):
    dump, old = _dump(known), read_key(known.id)
    assert NUMBER in _opened(old, dump)  # until then it does: the attack is a real one
    erase_fields(secretary_east, known.id, ["phone"], words="她要求", **AT)
    now = read_key(known.id)
    kept = [(row.mark, row.key_sealed) for row in PersonKey.objects.all()]
    assert old.secret not in b"".join(
        unseal_bytes(wrapped, f"personkey.key.{known.id}") for _, wrapped in kept
    )
    for where, value in dump.items():
        with pytest.raises(Refusal) as refused:
            now.unseal(value, where)
        assert refused.value.code == "keys.destroyed"
        with pytest.raises(InvalidTag):  # nor when it is said to be of the key that is there
            OwnKey(value[1:3], now.secret).unseal(value, where)
        with pytest.raises((InvalidTag, Refusal)):
            unseal_bytes(value, where)


def test_what_is_left_after_a_deletion_opens_as_before(known, secretary_east):
    erase_fields(secretary_east, known.id, ["phone"], words="她要求", **AT)
    again = Person.objects.get(id=known.id)
    assert (again.id_number, again.phone, again.more_phones) == (NUMBER, "", [])
    told = {row.kind: row.values for row in Change.objects.filter(person=known)}
    assert told["person.erased"] == {"phone": {"old": "", "new": ""}}
    values = [row.values for row in Change.objects.filter(person=known)]
    assert {"name": {"old": "刘武林", "new": "刘武临"}} in values
    assert [row.values for row in Proposal.objects.all()] == [{}]
    assert "138" not in _opened(read_key(known.id), _dump(again))


def test_a_deletion_goes_through_when_another_value_has_lost_its_key(known, secretary_east):
    number, corrected = (
        Person.objects.get(id=known.id),
        Change.objects.filter(kind="person.correct"),
    )
    [phone] = [row for row in corrected if "phone" in row.values]
    lost = OwnKey(b"?!", bytes(32))
    number.id_sealed = lost.seal(NUMBER.encode(), f"person.id.{known.id}")
    number.save()
    phone.values_sealed = lost.seal(b"{}", f"change.values.{phone.id}")
    phone.save()
    erase_fields(secretary_east, known.id, ["phone"], words="她要求", **AT)
    again = Person.objects.get(id=known.id)
    # What nobody could read is emptied with it, index and all, and the ledger says how much.
    assert (again.id_number, bytes(again.id_index), again.phone) == ("", b"", "")
    assert Entry.objects.get(verb="person.erased").facts["lost"] == 2
    values = [row.values for row in corrected.order_by("id")]
    assert values == [{}, {"name": {"old": "刘武林", "new": "刘武临"}}]


def test_a_deletion_goes_through_when_her_key_is_gone_or_a_value_was_changed(
    known, secretary_east
):
    changed = bytearray(known.more_phones_sealed)
    changed[-1] ^= 1
    Person.objects.filter(id=known.id).update(more_phones_sealed=bytes(changed))
    erase_fields(secretary_east, known.id, ["id_number"], words="她要求", **AT)
    again = Person.objects.get(id=known.id)
    assert (again.id_number, again.phone, again.more_phones) == ("", "13811110004", [])
    PersonKey.objects.all().delete()
    erase_fields(secretary_east, known.id, ["phone"], words="她要求", **AT)
    assert _dump(known).keys() <= {f"change.values.{row.id}" for row in Change.objects.all()}
    assert [row.facts["lost"] for row in Entry.objects.filter(verb="person.erased")] == [1, 5]


def test_a_deletion_is_refused_while_a_version_of_the_ring_is_away(
    known, secretary_east, settings, tmp_path
):
    """What opens once the right ring is back is not lost."""
    settings.LIANHU_KEYS = tmp_path / "other.json"
    make_ring(settings.LIANHU_KEYS)
    with pytest.raises(InvalidTag):
        erase_fields(secretary_east, known.id, ["phone"], words="她要求", **AT)
    assert len(_dump(known)) == 6


def test_a_deletion_reaches_what_the_ring_sealed_before_there_were_keys(head, secretary_east):
    PersonKey.objects.all().delete()
    Person.objects.filter(id=head.id).update(
        id_sealed=seal(NUMBER, f"person.id.{head.id}"),
        phone_sealed=seal("13811110009", f"person.phone.{head.id}"), more_phones_sealed=b"",
    )  # fmt: skip
    assert Person.objects.get(id=head.id).phone == "13811110009"
    erase_fields(secretary_east, head.id, ["phone"], words="她要求", **AT)
    again = Person.objects.get(id=head.id)
    assert (again.id_number, again.phone) == (NUMBER, "")
    assert is_own(again.id_sealed)


def test_a_row_in_hand_opens_what_was_sealed_anew_meanwhile(head):
    kept = Person.objects.get(id=head.id)
    assert kept.phone == "13811110001"
    other = Person.objects.get(id=head.id)
    other.set_phone("13811110007")
    kept.phone_sealed = other.phone_sealed
    assert kept.phone == "13811110007"


def test_a_value_whose_key_is_gone_says_so(head):
    PersonKey.objects.all().delete()
    with pytest.raises(Refusal) as refused:
        _ = Person.objects.get(id=head.id).phone
    assert refused.value.code == "keys.destroyed"


def test_who_is_forgotten_has_no_key_any_more(known):
    past = cast.NOON.date() - timedelta(days=9)
    Person.objects.filter(id=known.id).update(ended_on=past)
    Proposal.objects.update(state="declined")
    assert forget_persons(cast.NOON, 500) == 1
    # Her timeline is still there, under a longer term of its own, and opens.
    assert all(row.values for row in Change.objects.filter(kind="person.correct"))
    assert forget_changes(cast.NOON, 500) == 3
    assert not PersonKey.objects.exists()


def test_keys_of_many_are_read_and_made_at_once(head, django_assert_num_queries):
    wife = Person.objects.get(name="张桂花")
    with django_assert_num_queries(1):
        assert set(keys_of([head.id, wife.id])) == {head.id}
    with django_assert_num_queries(3):
        made = keys_of([head.id, wife.id], make=True)
    assert made[wife.id].secret == read_key(wife.id).secret
    assert made[head.id].secret == read_key(head.id).secret
    assert keys_of([]) == {}


@pytest.mark.parametrize("members", [1, 3])
def test_cards_with_keys_cost_one_query(
    places, secretary_east, members, django_assert_num_queries
):
    more = [{"name": f"刘{n}", "phone": f"1380000000{n}"} for n in range(members)]
    home = cast.make_household(members=more)
    with django_assert_num_queries(1):
        cards = list_cards(secretary_east, home, today=cast.TODAY)
    assert {card.phone[-4:] for card in cards[1:]} == {f"000{n}" for n in range(members)}


@pytest.mark.parametrize("rows", [1, 3])
def test_bring_keys_asks_once_for_rows_that_came_without(
    head, secretary_east, rows, django_assert_num_queries
):
    for n in range(rows):
        correct_person(secretary_east, head.id, "phone", f"1381111000{n}", words="换了", **AT)
    with django_assert_num_queries(2):
        found = bring_keys(Change.objects.order_by("id"), "values_sealed")
        assert [row.values["phone"]["new"][-1] for row in found] == [
            str(n) for n in range(rows)
        ]
    with django_assert_num_queries(1):
        bring_keys(Change.objects.select_related("person__key"), "values_sealed")
    PersonKey.objects.all().delete()
    [*_, row] = bring_keys(Change.objects.all(), "values_sealed")
    with pytest.raises(Refusal) as refused:
        _ = row.values
    assert refused.value.code == "keys.destroyed"


postgres = pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"),
    reason="SQLite has one writer: nobody is in the middle of anything",
)


@postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["writer", "deletion"])
def test_whoever_seals_and_whoever_deletes_wait_for_each_other(first):
    """A value is never left sealed with a key that somebody destroyed in the same moment."""
    person, order = uuid7(), []
    PersonKey.objects.all().delete()
    lock_key(person)
    inside, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            key = lock_key(person, alone=first == "deletion")
            inside.set()
            done.wait(0.5)
            order.append("first")
            if first == "deletion":
                PersonKey.objects.filter(person=person).delete()
            order.append(key.secret)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait(5)
    with transaction.atomic():
        mine = lock_key(person, alone=first == "writer")
        order.append("second")
    thread.join()
    assert (order[0], order[-1]) == ("first", "second")
    # Whoever came after a deletion seals with a key of after it, and it is there.
    assert (mine.secret == order[1]) == (first == "writer")
    assert read_key(person).secret == mine.secret
    PersonKey.objects.all().delete()


@postgres
@pytest.mark.django_db(transaction=True)
def test_a_word_from_a_phone_and_a_deletion_do_not_wait_in_a_ring(
    known, secretary_east, warden
):
    """The phone's transaction has her key and asks for her row at its end; a deletion has the row
    and asks for the key."""
    said, ended = Proposed("phone", known.id, 1, phone="13811110008"), []

    def erase():
        try:
            erase_fields(secretary_east, known.id, ["phone"], words="她要求", **AT)
            ended.append("erased")
        finally:
            connection.close()

    thread = threading.Thread(target=erase)
    with transaction.atomic():
        propose_change(warden, known.household_id, said, **AT)
        thread.start()
        time.sleep(0.5)  # it has her row by now
    thread.join()
    assert ended == ["erased"]
    assert [row.values for row in Proposal.objects.filter(person=known)] == [{}, {}]


@pytest.mark.django_db
def test_replace_key_takes_no_mark_twice(places, monkeypatch):
    """A value of the old key would be taken for a changed one of the new."""
    person = uuid7()
    old = lock_key(person, alone=True)
    drawn = iter([OwnKey(old.mark, b"1" * 32), OwnKey(bytes(2), b"2" * 32)])
    monkeypatch.setattr("lianhu.people.keys.new_key", lambda: next(drawn))
    assert old.mark != bytes(2)
    assert replace_key(person, old).mark == read_key(person).mark == bytes(2)
