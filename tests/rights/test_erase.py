"""What is deleted on request is gone, history included; what is set aside is not looked at."""

from datetime import timedelta
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from lianhu.audit.models import Entry
from lianhu.keeping.actions.replay import HANDLERS
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.people.actions import change_residence, reveal_field
from lianhu.people.actions.export import export_register
from lianhu.people.actions.members import correct_person, end_member
from lianhu.people.actions.proposals import Proposed
from lianhu.people.models import Change, Household, Person, Proposal
from lianhu.people.queries.history import timeline
from lianhu.rights.actions import requests as acts
from lianhu.rights.models import Request
from lianhu.rights.queries.own import Resident, get_resident, residents_of_number
from lianhu.visits.models import Visit
from tests import cast
from tests.rights.conftest import NUMBER

AT = {"at": cast.NOON}
LATER = {"at": cast.NOON + timedelta(days=3)}


@pytest.fixture
def resident(numbered: Household) -> Resident:
    return get_resident(numbered.id, cast.head_of(numbered).id)


def _ask(resident: Resident, kind: str, **more: Any) -> Request:
    return acts.ask_own(resident, kind, "请办", **(AT | more))


def _refused(code: str, call: Any, *args: Any, **kwargs: Any) -> None:
    with pytest.raises(Refusal) as caught:
        call(*args, **kwargs)
    assert caught.value.code == code


def _phone_changed(actor: Actor, person: Person) -> None:
    correct_person(actor, person.id, "phone", "10012341234", words="换了", **AT)


def test_a_deletion_is_decided_and_leaves_no_trace_of_the_value(
    resident: Resident, officer_town: Actor, secretary_east: Actor
):
    head = cast.head_of(resident.household)
    _phone_changed(secretary_east, head)
    acts.correct_own(
        resident, Proposed(what="phone", person_id=head.id, phone="10045674567"), **AT
    )
    made = _ask(resident, "delete", person_id=head.id)
    assert Person.objects.get(id=head.id).phone == "10012341234"  # nothing by asking alone
    acts.answer_request(officer_town, made.id, "granted", "删了", erase=["phone"], **LATER)
    head = Person.objects.get(id=head.id)
    assert (head.phone, head.more_phones, bytes(head.phone_index)) == ("", [], b"")
    assert residents_of_number("10012341234") == []
    told = repr([row.values for row in Change.objects.all()])
    told += repr([row.values for row in Proposal.objects.all()])
    assert "100" not in told
    assert Request.objects.get(id=made.id).erased == ["phone"]
    kinds = [e.change.kind for e in timeline(secretary_east, resident.household)]
    assert kinds == ["person.erased", "person.correct"]
    facts = Entry.objects.get(verb="person.erased").facts
    assert facts["fields"] == ["phone"]


@pytest.mark.parametrize(
    ("field", "left"), [("id_number", "id_number"), ("away_to", "away_to"), ("spot", "")]
)
def test_each_field_that_may_be_deleted_is(
    resident: Resident, officer_town: Actor, secretary_east: Actor, field: str, left: str
):
    son = Person.objects.get(household=resident.household, name="刘小军")
    change_residence(secretary_east, son.id, "away", "西安", **AT)
    Household.objects.update(lon=108.5, lat=32.9)
    made = _ask(resident, "delete", person_id=son.id)
    acts.answer_request(officer_town, made.id, "partly", "删了", erase=[field], **LATER)
    son = Person.objects.select_related("household").get(id=son.id)
    if left:
        assert getattr(son, left) == ""
    else:
        assert (son.household.lon, son.household.lat) == (None, None)
    if field == "away_to":
        assert "西安" not in repr([row.values for row in Change.objects.all()])


@pytest.mark.parametrize("erase", [[], ["name"], ["phone", "name"]])
def test_what_the_law_keeps_is_not_deleted(
    resident: Resident, officer_town: Actor, erase: list[str]
):
    made = _ask(resident, "delete")
    _refused(
        "rights.nothing_chosen", acts.answer_request, officer_town, made.id, "granted", "删",
        erase=erase, **AT,
    )  # fmt: skip
    assert Request.objects.get(id=made.id).answered_at is None


def test_a_refused_deletion_deletes_nothing(resident: Resident, officer_town: Actor):
    made = _ask(resident, "delete", person_id=cast.head_of(resident.household).id)
    acts.answer_request(
        officer_town, made.id, "refused", "还在办低保", erase=["phone"], **LATER
    )
    assert cast.head_of(resident.household).phone == NUMBER


def test_who_moved_away_may_have_what_is_left_deleted(
    numbered: Household, officer_town: Actor, secretary_east: Actor
):
    son = Person.objects.get(household=numbered, name="刘小军")
    end_member(secretary_east, son.id, "moved_out", on=cast.TODAY, words="", head_id=None, **AT)
    made = acts.receive_request(
        secretary_east, numbered.id, "delete", "删掉", person_id=son.id, identity="card", **AT
    )
    acts.answer_request(officer_town, made.id, "granted", "删了", erase=["phone"], **LATER)
    assert Person.objects.get(id=son.id).phone == ""


def test_a_restriction_hides_from_reveals_and_exports_until_it_is_lifted(
    resident: Resident, officer_town: Actor, data_officer: Actor, tmp_path: Any
):
    head = cast.head_of(resident.household)
    made = _ask(resident, "restrict", person_id=head.id)
    acts.answer_request(officer_town, made.id, "granted", "先不用", **LATER)
    _refused(
        "person.restricted", reveal_field, officer_town, head.id, "phone", "contact", **LATER
    )
    assert reveal_field(officer_town, head.id, "phone", "emergency", **LATER) == NUMBER
    texts = []
    for name in ("a.xlsx", "b.xlsx"):
        export_register(
            data_officer, cast.EAST, tmp_path / name, "check", whole=True, at=cast.NOON
        )
        texts.append(_cells(tmp_path / name))
        if name == "a.xlsx":
            acts.lift_restriction(officer_town, made.id, "他要办事", **LATER)
    assert (NUMBER in texts[0], NUMBER in texts[1]) == (False, True)
    assert "张桂花" in texts[0]
    assert reveal_field(officer_town, head.id, "phone", "contact", **LATER) == NUMBER
    _refused(
        "rights.not_restricted", acts.lift_restriction, officer_town, made.id, "再", **LATER
    )


def _cells(path: Any) -> set[str]:
    book = CalamineWorkbook.from_path(str(path))
    return {
        str(cell) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()
        for cell in row
    }  # fmt: skip


def test_a_deletion_is_done_again_after_a_restore(resident: Resident, officer_town: Actor):
    head = cast.head_of(resident.household)
    made = _ask(resident, "delete", person_id=head.id)
    acts.answer_request(officer_town, made.id, "granted", "删了", erase=["phone"], **LATER)
    entry = Entry.objects.get(verb="person.erased")
    head.refresh_from_db()
    head.set_phone(NUMBER)  # as an older backup has it
    head.save()
    item = {"object_id": entry.object_id, "facts": entry.facts, "at": entry.at.isoformat()}
    assert HANDLERS["person.erased"](item)
    assert Person.objects.get(id=head.id).phone == ""
    assert not HANDLERS["person.erased"](item | {"object_id": str(resident.household.id)})


def test_the_words_of_visits_go_and_the_visits_stay(
    resident: Resident, officer_town: Actor, warden: Actor
):
    home = resident.household
    for at, words in ((cast.NOON, "他腿疼"), (LATER["at"] + timedelta(days=1), "后来写的")):
        Visit.objects.create(
            household=home, place_id=home.place_id, visitor_id=warden.id, received_at=at,
            visitor_name=warden.name, on=cast.TODAY, words=words,
        )  # fmt: skip
    made = _ask(resident, "delete")
    acts.answer_request(officer_town, made.id, "granted", "删了", erase=["visits"], **LATER)
    assert sorted(Visit.objects.values_list("words", flat=True)) == ["", "后来写的"]
    entry = Entry.objects.get(verb="rights.erase_visits")
    Visit.objects.filter(words="").update(words="他腿疼")  # as an older backup has it
    item = {"object_id": entry.object_id, "facts": entry.facts, "at": entry.at.isoformat()}
    assert HANDLERS["rights.erase_visits"](item)
    assert sorted(Visit.objects.values_list("words", flat=True)) == ["", "后来写的"]


def test_of_a_whole_household_only_who_asked_and_the_children_are_touched(
    resident: Resident, officer_town: Actor
):
    made = _ask(resident, "delete")
    acts.answer_request(officer_town, made.id, "granted", "删了", erase=["phone"], **LATER)
    home = Person.objects.filter(household=resident.household)
    assert {p.name for p in home if p.phone} == {"张桂花"}
    made = _ask(resident, "restrict")
    acts.answer_request(officer_town, made.id, "granted", "好", **LATER)
    assert {p.name for p in home.exclude(restricted_on=None)} == {"刘武林", "刘小军"}
