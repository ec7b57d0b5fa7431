"""Who is under age is looked at by two people, a younger child with a guardian's word too."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from lianhu.accounts.models import User
from lianhu.audit.models import Entry
from lianhu.people.actions import reveal_field
from lianhu.people.actions.export import minors_in
from lianhu.people.actions.exports import agree_export, ask_export, take_export
from lianhu.people.actions.minors import agree_look, ask_look, decline_look
from lianhu.people.models import MinorLook, Person
from lianhu.people.queries.minors import list_own, list_waiting
from lianhu.people.rules import (
    is_minor,
    last_birth_of_age,
    latest_birth,
    minor_terms,
    needs_guardian,
)
from tests import cast
from tests.matters.helpers import AT, code_of, later

WHY = "学校要核对，奶奶张桂花同意"
PHONE = ("phone", "contact")


@pytest.fixture
def home(places):
    """A grandmother, a girl of 15 and a boy of 9, each with numbers."""
    year = cast.TODAY.replace
    return cast.make_household(
        head="张桂花",
        members=[
            {"name": "刘小梅", "relation": "42", "phone": "10011110001", "born_on": year(year=2011)},
            {"name": "刘小军", "relation": "41", "phone": "10011110002", "born_on": year(year=2017)},
        ],
    )  # fmt: skip


@pytest.fixture
def girl(home):
    return Person.objects.get(name="刘小梅")


@pytest.fixture
def boy(home):
    return Person.objects.get(name="刘小军")


@pytest.fixture
def committee(places):
    return cast.make_actor("田委", ("committee", cast.EAST, cast.COMMITTEE))


def ask(actor, person, consent="", **when):
    return ask_look(actor, person.id, *PHONE, consent, WHY, **(AT | when))


@pytest.mark.parametrize(
    ("born", "minor", "guarded"),
    [
        ("2008-11-23", False, False), ("2008-11-24", True, False), ("2012-11-23", True, False),
        ("2012-11-24", True, True), ("2026-11-23", True, True),
    ],
)  # fmt: skip
def test_ages_are_full_years_by_the_catalogue(born, minor, guarded):
    day = date.fromisoformat(born)
    assert (is_minor(day, cast.TODAY), needs_guardian(day, cast.TODAY)) == (minor, guarded)
    assert (minor_terms(cast.TODAY)["of_age"], minor_terms(cast.TODAY)["guarded_below"]) == (
        18,
        14,
    )


@pytest.mark.parametrize(
    ("month", "number", "latest"),
    [
        ("2010-02", "", date(2010, 2, 28)), ("2010-12", "", date(2010, 12, 31)),
        ("", "999321201005010011", date(2010, 5, 1)), ("", "999321201013010011", None),
        ("", "930501001", None), ("2010", "", None), ("", "", None),
    ],
)  # fmt: skip
def test_latest_birth_takes_what_the_register_allows(month, number, latest):
    assert latest_birth(None, month, number) == latest
    assert latest_birth(date(2000, 1, 1), month, number) == date(2000, 1, 1)


def test_a_minor_is_not_revealed_without_another_persons_word(secretary_east, home, girl):
    assert code_of(reveal_field, secretary_east, girl.id, *PHONE) == "minor.needs_approval"
    assert not Entry.objects.exists()
    assert reveal_field(secretary_east, cast.head_of(home).id, *PHONE, **AT)
    for free in ("emergency", "request"):
        assert reveal_field(secretary_east, girl.id, "phone", free, **AT) == "10011110001"


def test_one_of_whom_only_the_id_number_tells_is_a_minor_too(secretary_east, girl):
    first = "99932120110501001"
    girl.set_id_number(first + "0")
    girl.born_on = None
    girl.save()
    assert code_of(reveal_field, secretary_east, girl.id, *PHONE) == "minor.needs_approval"


def test_agreed_it_is_seen_so_often_and_so_long(secretary_east, committee, girl):
    row = ask(secretary_east, girl)
    assert code_of(reveal_field, secretary_east, girl.id, *PHONE) == "minor.needs_approval"
    assert list(list_waiting(committee, at=cast.NOON)) == [row]
    agree_look(committee, row.id, "", **AT)
    for _ in range(minor_terms(cast.TODAY)["times"]):
        assert reveal_field(secretary_east, girl.id, *PHONE, **AT) == "10011110001"
    assert code_of(reveal_field, secretary_east, girl.id, *PHONE) == "minor.needs_approval"
    again = ask(secretary_east, girl)
    agree_look(committee, again.id, "", **AT)
    assert code_of(reveal_field, secretary_east, girl.id, *PHONE, **later(days=1)) == (
        "minor.needs_approval"
    )
    assert [r.state for r in list_own(secretary_east)] == ["agreed", "agreed"]


def test_agreed_for_one_field_purpose_person_and_asker(
    secretary_east, officer_town, committee, girl, boy
):
    agree_look(committee, ask(secretary_east, girl).id, "", **AT)
    for actor, person, field, purpose in (
        (secretary_east, girl, "id_number", "contact"), (secretary_east, girl, "phone", "service"),
        (secretary_east, boy, *PHONE), (officer_town, girl, *PHONE), (committee, girl, *PHONE),
    ):  # fmt: skip
        assert code_of(reveal_field, actor, person.id, field, purpose) == "minor.needs_approval"


def test_below_fourteen_a_guardian_agreed(secretary_east, committee, boy):
    call = (ask_look, secretary_east, boy.id, *PHONE)
    assert code_of(*call, "", WHY) == "minor.no_consent"
    assert code_of(*call, "somehow", WHY) == "minor.no_consent"
    row = ask(secretary_east, boy, "present")
    agree_look(committee, row.id, "", **AT)
    assert reveal_field(secretary_east, boy.id, *PHONE, **AT) == "10011110002"


def test_ask_refuses_what_is_wrong(secretary_east, home, girl):
    call = (ask_look, secretary_east, girl.id)
    assert code_of(*call, "colour", "contact", "", WHY) == "reveal.bad_field"
    assert code_of(*call, "phone", "curious", "", WHY) == "reveal.no_purpose"
    assert code_of(*call, *PHONE, "", " ") == "minor.no_words"
    assert code_of(*call, *PHONE, "", "为" * 201) == "minor.too_long"
    of_age = (ask_look, secretary_east, cast.head_of(home).id, *PHONE, "", WHY)
    assert code_of(*of_age) == "minor.of_age"


def test_ask_agree_and_decline_refuse_the_next_village(
    secretary_east, secretary_west, secretary_neighbour, data_officer, committee, girl
):
    for actor in (secretary_west, secretary_neighbour, data_officer):
        assert code_of(ask_look, actor, girl.id, *PHONE, "", WHY) == "person.not_found"
    row = ask(secretary_east, girl)
    for actor in (secretary_west, secretary_neighbour, data_officer, secretary_east):
        for decide in (agree_look, decline_look):
            assert code_of(decide, actor, row.id, "不行") == "minor.not_found"
    assert code_of(decline_look, committee, row.id, " ") == "minor.no_words"
    decline_look(committee, row.id, "问她奶奶就行", **AT)
    assert code_of(agree_look, committee, row.id, "") == "minor.not_found"
    assert code_of(reveal_field, secretary_east, girl.id, *PHONE) == "minor.needs_approval"


def test_nobody_agrees_after_the_wait(secretary_east, committee, girl):
    row = ask(secretary_east, girl)
    assert code_of(agree_look, committee, row.id, "", **later(days=3)) == "minor.not_found"


def test_two_accounts_of_one_person_are_one_person(secretary_east, committee, home, girl):
    person = cast.head_of(home).id
    User.objects.filter(id__in=[secretary_east.id, committee.id]).update(person_id=person)
    row = ask(secretary_east, girl)
    assert code_of(agree_look, committee, row.id, "") == "minor.same_person"


def test_the_table_too_wants_two_people(secretary_east, committee, girl):
    row = ask(secretary_east, girl)
    for change in ({"second_id": secretary_east.id}, {"state": "agreed"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            MinorLook.objects.filter(id=row.id).update(**change)


def test_the_ledger_says_who_asked_and_who_agreed(secretary_east, committee, girl):
    agree_look(committee, ask(secretary_east, girl).id, "", **AT)
    reveal_field(secretary_east, girl.id, *PHONE, **AT)
    verbs = list(Entry.objects.order_by("id").values_list("verb", "actor_name"))
    assert verbs == [("minor.ask", "李东"), ("minor.agree", "田委"), ("person.reveal", "李东")]
    assert WHY not in str(list(Entry.objects.values_list("facts", flat=True)))


def test_a_short_whole_register_with_minors_takes_two(data_officer, officer_county, home):
    assert minors_in(data_officer, cast.EAST, cast.TODAY) == 2
    assert minors_in(data_officer, cast.WEST, cast.TODAY) == 0
    few = (data_officer, "register", cast.EAST, 3, "check", "核对")
    row = ask_export(*few, asked="whole=1", minors=2, **AT)
    assert (row.tier, row.state, row.minors) == (1, "asked", 2)
    agree_export(officer_county, row.id, "", **AT)
    take_export(data_officer, row.id, 3, whole=True, minors=2, **AT)
    assert Entry.objects.get(verb="register.export").facts["minors"] == 2
    masked = ask_export(*few, asked="", **AT)
    assert masked.tier == 0
    grown = (take_export, data_officer, masked.id, 3)
    assert code_of(*grown, whole=True, minors=1) == "export.grown"


@pytest.mark.parametrize("on", [date(2026, 2, 28), date(2026, 3, 1), date(2028, 2, 29)])
def test_last_birth_of_age_is_the_edge_of_is_minor(on):
    edge = last_birth_of_age(on)
    assert not is_minor(edge, on)
    assert is_minor(edge + timedelta(days=1), on)
