"""What phones say has changed: kept, decided by a person, heard by who said it."""

import json
from datetime import date

import pytest

from lianhu.audit.queries import versions
from lianhu.kernel.ownkey import is_own
from lianhu.people.actions import change_residence
from lianhu.people.actions.erase import erase_fields
from lianhu.people.actions.proposals import (
    Proposed,
    accept_proposal,
    decline_proposal,
    propose_change,
)
from lianhu.people.models import Household, Person, Proposal
from lianhu.people.queries.history import (
    list_proposals,
    proposal_words,
    proposals_of_grids,
    timeline,
)
from lianhu.phone.parcels import parcels
from tests import cast
from tests.letters.helpers import incoming, send
from tests.matters.helpers import AT, GRIDS, code_of, last_entry, raised


def son(home):
    return Person.objects.get(household=home, relation="20")


def said(what, person=None, **values):
    version = person.version if person else 0
    return Proposed(what, person.id if person else None, version, **values)


def back_home(warden, home):
    return propose_change(warden, home.id, said("residence", son(home), residence="home"), **AT)


def test_a_proposal_changes_nothing_and_is_heard_of(warden, household):
    before = versions(GRIDS)
    row = back_home(warden, household)
    assert (son(household).residence, row.state) == ("away", "open")
    assert raised(before) == {cast.EAST_GRID: 1}
    verb, _, place, _, facts = last_entry()
    assert (verb, place, facts["what"]) == ("household.propose", cast.EAST_GRID, "residence")


def test_propose_change_refuses_the_next_village(
    warden_west, secretary_west, household, household_west
):
    for actor in (warden_west, secretary_west):
        call = (propose_change, actor, household.id, said("other", words="x"))
        assert code_of(*call) == "household.not_found"
        stranger = said("died", son(household))
        call = (propose_change, actor, household_west.id, stranger)
        assert code_of(*call) == "person.not_found"
    assert Proposal.objects.count() == 0


def test_deciding_refuses_the_next_village_and_who_may_not(
    warden, secretary_west, secretary_neighbour, supervisor, household
):
    row = back_home(warden, household)
    for actor in (warden, secretary_west, secretary_neighbour, supervisor):
        assert code_of(accept_proposal, actor, row.id, seen_version=1) == "proposal.not_found"
        assert code_of(decline_proposal, actor, row.id, "x") == "proposal.not_found"
        assert list(list_proposals(actor)) == []


@pytest.mark.parametrize(
    ("what", "values", "field", "value"),
    [("residence", {"residence": "home"}, "residence", "home"),
     ("residence", {"residence": "away", "away_to": "东莞"}, "away_to", "东莞"),
     ("phone", {"phone": "10012345678"}, "phone", "10012345678"),
     ("relation", {"relation": "女婿"}, "relation", "28"),
     ("died", {"on": "2026-11-20"}, "ended_on", date(2026, 11, 20)),
     ("moved_out", {"on": "2027-01-01"}, "ended_on", cast.TODAY)],
)  # fmt: skip
def test_what_is_accepted_is_done_by_the_desks_own_action(
    warden, secretary_east, household, what, values, field, value
):
    person = son(household)
    row = propose_change(warden, household.id, said(what, person, **values), **AT)
    before = versions([f"user:{warden.id}"])[f"user:{warden.id}"]
    accept_proposal(secretary_east, row.id, seen_version=person.version, **AT)
    assert getattr(Person.objects.get(id=person.id), field) == value
    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("accepted", secretary_east.name)
    assert versions([f"user:{warden.id}"])[f"user:{warden.id}"] == before + 1
    [entry] = timeline(secretary_east, household)
    assert entry.change.words == "陈户长报来"
    assert code_of(accept_proposal, secretary_east, row.id) == "proposal.decided"
    assert code_of(decline_proposal, secretary_east, row.id, "x") == "proposal.decided"


def test_who_joined_is_registered(warden, secretary_east, household):
    new = said("born", name="刘小宝", relation="孙子", sex="1", born_on="2026-11-01")
    row = propose_change(warden, household.id, new, **AT)
    accept_proposal(secretary_east, row.id, **AT)
    child = Person.objects.get(name="刘小宝")
    assert (child.relation, child.born_on, child.household_id) == (
        "41", date(2026, 11, 1), household.id,
    )  # fmt: skip
    assert Household.objects.get().size == 4


def test_a_stale_proposal_keeps_both_until_a_person_chooses(warden, secretary_east, household):
    row = back_home(warden, household)
    change_residence(secretary_east, son(household).id, "away", "东莞", **AT)
    assert row.base_version != son(household).version
    call = (accept_proposal, secretary_east, row.id)
    assert code_of(*call, seen_version=row.base_version) == "proposal.changed"
    assert (son(household).away_to, Proposal.objects.get().state) == ("东莞", "open")
    accept_proposal(*call[1:], seen_version=son(household).version, **AT)
    assert son(household).residence == "home"


def test_the_heads_death_needs_a_new_head(warden, secretary_east, household):
    head = cast.head_of(household)
    row = propose_change(warden, household.id, said("died", head), **AT)
    call = (accept_proposal, secretary_east, row.id)
    assert code_of(*call, seen_version=1) == "household.needs_head"
    assert Proposal.objects.get().state == "open"
    accept_proposal(*call[1:], seen_version=1, head_id=son(household).id, **AT)
    assert Household.objects.get().head_name == "刘小军"


def test_a_reason_is_needed_to_leave_it(warden, secretary_east, household):
    row = back_home(warden, household)
    assert code_of(decline_proposal, secretary_east, row.id, " ") == "household.no_words"
    decline_proposal(secretary_east, row.id, "过完年还走", **AT)
    [row] = proposals_of_grids(warden, [cast.EAST_GRID], since=cast.NOON)
    assert (row.state, row.reply, proposal_words(row)) == (
        "declined", "过完年还走", "刘小军 在家",
    )  # fmt: skip


def test_the_phones_letter_is_kept_once_and_comes_back_in_the_parcel(
    warden, secretary_east, household
):
    device = cast.make_device(warden)[0]
    person = son(household)
    letter = incoming(json.dumps({
        "kind": "person.propose/1", "device_seq": 1,
        "captured_at": "2026-11-23T09:41:00+08:00", "place": cast.EAST_GRID,
        "body": {"household_id": str(household.id), "what": "phone",
                 "person_id": str(person.id), "base_version": 1, "phone": "10012345678"},
    }))  # fmt: skip
    assert [a.outcome for a in send(device, letter) + send(device, letter)] == ["stored"] * 2
    row = Proposal.objects.get()
    assert row.id == letter.id
    assert b"10012345678" not in bytes(row.values_sealed)
    accept_proposal(secretary_east, row.id, seen_version=1, words="好", **AT)
    version = versions([cast.EAST_GRID])
    [home] = json.loads(parcels(warden, version, **AT)[cast.EAST_GRID])["households"]
    [told] = home["proposals"]
    assert (told["state"], told["reply"], told["by"], told["words"]) == (
        "accepted", "好", "陈户长", "刘小军 换了电话",
    )  # fmt: skip


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_one_query(
    warden, secretary_east, household, rows, django_assert_num_queries
):
    for _ in range(rows):
        back_home(warden, household)
    with django_assert_num_queries(1):
        assert [str(p.household.head_name) for p in list_proposals(secretary_east)] == (
            ["刘武林"] * rows
        )
    with django_assert_num_queries(1):
        found = proposals_of_grids(warden, [cast.EAST_GRID], since=cast.NOON)
        assert [proposal_words(p) for p in found] == ["刘小军 在家"] * rows


def test_what_a_phone_said_of_who_joined_is_hers_once_she_is_registered(
    warden, secretary_east, household
):
    new = said("moved_in", name="刘小宝", relation="孙子", sex="1", phone="10012345678")
    row = propose_change(warden, household.id, new, **AT)
    assert row.values["phone"] == "10012345678"
    accept_proposal(secretary_east, row.id, **AT)
    child = Person.objects.get(name="刘小宝")
    row = Proposal.objects.get(id=row.id)
    assert (row.person, row.values["phone"]) == (child, "10012345678")
    assert is_own(row.values_sealed)
    erase_fields(secretary_east, child.id, ["phone"], words="他要求", **AT)
    assert "phone" not in Proposal.objects.get(id=row.id).values
