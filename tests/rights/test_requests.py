"""Requests: asked at the board and at the counter, answered by a person, with their clocks."""

from datetime import date, timedelta
from typing import Any

import pytest

from lianhu.audit.models import Entry
from lianhu.grading.models import Appeal
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.sms import wait_until_sent
from lianhu.people.actions.proposals import Proposed, accept_proposal, decline_proposal
from lianhu.people.models import Household, Person, Proposal
from lianhu.rights.actions import requests as acts
from lianhu.rights.actions.telling import tell_answers
from lianhu.rights.models import Request
from lianhu.rights.queries.own import Resident, get_resident
from lianhu.rights.queries.requests import (
    count_waiting,
    get_request,
    list_requests,
    own_requests,
    request_by_ref,
    shown_request,
)
from tests import cast
from tests.rights.conftest import NUMBER, Inbox

AT = {"at": cast.NOON}
LATER = {"at": cast.NOON + timedelta(days=3)}


@pytest.fixture
def resident(numbered: Household) -> Resident:
    return get_resident(numbered.id, cast.head_of(numbered).id)


def _ask(resident: Resident, kind: str = "explain", **more: Any) -> Request:
    return acts.ask_own(resident, kind, "想知道为什么", **(AT | more))


def _refused(code: str, call: Any, *args: Any, **kwargs: Any) -> None:
    with pytest.raises(Refusal) as caught:
        call(*args, **kwargs)
    assert caught.value.code == code


def _receive(actor: Actor, home: Household, kind: str = "see", **more: Any) -> Request:
    given = {"person_id": cast.head_of(home).id, "identity": "card"} | AT | more
    return acts.receive_request(actor, home.id, kind, given.pop("words", "想看看"), **given)


def _waiting(actor: Actor) -> list[Request]:
    return list(list_requests(actor, waiting=True))


# asking


def test_a_request_has_a_clock_of_fifteen_working_days_and_a_receipt(resident: Resident):
    made = _ask(resident)
    assert made.due_on == date(2026, 12, 14)  # the 15th working day after Monday 2026-11-23
    shown = request_by_ref(made.ref.lower(), today=cast.TODAY)
    assert (shown.state, shown.clock, shown.urgent) == ("等答复", "还剩 15 个工作日", "calm")
    assert request_by_ref(made.ref, today=date(2026, 12, 10)).urgent == "soon"
    assert request_by_ref(made.ref, today=date(2026, 12, 16)).clock == "已超 2 个工作日"
    with pytest.raises(NotPermitted, match=r"rights\.not_found"):
        request_by_ref("0000000000", today=cast.TODAY)


@pytest.mark.parametrize("kind", ["see", "copy", "correct", "appeal", "", "everything"])
def test_only_what_a_person_must_decide_is_asked_by_this_form(resident: Resident, kind: str):
    _refused("rights.bad_kind", acts.ask_own, resident, kind, "x", **AT)


def test_words_are_needed_and_bounded(resident: Resident):
    _refused("rights.no_words", acts.ask_own, resident, "delete", " \x00 ", **AT)
    _refused("rights.too_long", acts.ask_own, resident, "delete", "长" * 1001, **AT)


def test_nobody_of_another_household_is_named(resident: Resident, household_west: Household):
    other = cast.head_of(household_west).id
    _refused("person.not_found", _ask, resident, person_id=other)


def test_asking_is_throttled_by_household(resident: Resident):
    for _ in range(20):
        _ask(resident)
    _refused("throttled", _ask, resident)


def test_the_ledger_says_what_kind_and_never_who_or_what(resident: Resident):
    made = _ask(resident)
    entry = Entry.objects.get(object_id=str(made.id))
    assert (entry.verb, entry.actor_name, entry.facts["kind"]) == (
        "rights.ask",
        "本户",
        "explain",
    )
    assert "想知道" not in repr(vars(entry))
    assert "刘武林" not in repr(vars(entry))


# corrections and appeals take their own way


def test_a_correction_is_a_proposal_and_its_decision_is_the_answer(
    resident: Resident, secretary_east: Actor
):
    wife = Person.objects.get(household=resident.household, name="张桂花")
    said = Proposed(
        what="phone", person_id=wife.id, base_version=wife.version, phone="10012341234"
    )
    made = acts.correct_own(resident, said, **AT)
    assert Person.objects.get(id=wife.id).phone == "10055556666"
    assert shown_request(made, today=cast.TODAY).state == "等答复"
    accept_proposal(secretary_east, made.proposal_id, seen_version=wife.version, **LATER)
    assert Person.objects.get(id=wife.id).phone == "10012341234"
    shown = request_by_ref(made.ref, today=cast.TODAY)
    assert (shown.state, shown.answered_by) == ("照办了", "李东")


def test_a_declined_correction_tells_why(resident: Resident, secretary_east: Actor):
    made = acts.correct_own(resident, Proposed(what="other", words="生日不对"), **AT)
    decline_proposal(secretary_east, made.proposal_id, "和户口本一样", **LATER)
    shown = request_by_ref(made.ref, today=cast.TODAY)
    assert (shown.outcome, shown.answer) == ("refused", "和户口本一样")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Proposed(what="phone", phone="123"), "person.bad_value"),
        (Proposed(what="phone", phone=""), "person.bad_value"),
        (Proposed(what="residence", residence="moon"), "person.bad_residence"),
        (Proposed(what="other", words=""), "rights.no_words"),
        (Proposed(what="died"), "rights.bad_kind"),
        (Proposed(what="phone", phone="10012341234"), "person.not_found"),
    ],
)
def test_a_correction_is_checked(resident: Resident, said: Proposed, code: str):
    _refused(code, acts.correct_own, resident, said, **AT)
    assert (Proposal.objects.count(), Request.objects.count()) == (0, 0)


def test_an_appeal_goes_to_who_decides_appeals_and_not_into_the_queue(
    resident: Resident, officer_town: Actor, officer_county: Actor
):
    from lianhu.grading.actions.appeals import decide_appeal  # noqa: PLC0415

    made = acts.appeal_own(resident, "我家要人帮", **AT)
    assert made.due_on == Appeal.objects.get().due_on
    assert _waiting(officer_town) == []
    _refused(
        "rights.decided_elsewhere",
        acts.answer_request,
        officer_town,
        made.id,
        "granted",
        "好",
        **AT,
    )
    decide_appeal(officer_county, made.appeal_id, "多去看看", upheld=True, **LATER)
    shown = request_by_ref(made.ref, today=cast.TODAY)
    assert (shown.state, shown.answer) == ("照办了", "多去看看")
    assert not Entry.objects.filter(verb__startswith="rights.").exists()


def test_a_copy_is_a_request_answered_at_once(resident: Resident):
    made = acts.copy_own(resident, **AT)
    assert own_requests(resident.household.id, today=cast.TODAY)[0].state == "照办了"
    assert Entry.objects.get(verb="rights.copy").object_id == str(made.household_id)


# at the counter


def test_the_counter_notes_who_received_it_and_how_she_was_known(
    numbered: Household, secretary_east: Actor
):
    made = _receive(secretary_east, numbered, "delete", words="删掉电话", identity="booklet")
    assert (made.channel, made.identity, made.received_by_name) == (
        "counter",
        "booklet",
        "李东",
    )
    assert made.words == "删掉电话"


def test_the_counter_refuses_the_next_village(
    numbered: Household, secretary_neighbour: Actor, secretary_west: Actor, warden: Actor
):
    for actor in (secretary_neighbour, secretary_west, warden):
        _refused("household.not_found", _receive, actor, numbered)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"identity": ""}, "rights.bad_identity"), ({"identity": "smile"}, "rights.bad_identity"),
        ({"kind": "burn"}, "rights.bad_kind"), ({"kind": "delete", "words": ""}, "rights.no_words"),
    ],
)  # fmt: skip
def test_the_counter_needs_an_identity_a_kind_and_words(
    numbered: Household, secretary_east: Actor, more: dict[str, str], code: str
):
    _refused(code, _receive, secretary_east, numbered, **more)


def test_an_appeal_is_taken_at_the_counter_too(numbered: Household, secretary_east: Actor):
    made = _receive(secretary_east, numbered, "appeal", words="不同意")
    assert (made.appeal.words, made.received_by_name) == ("不同意", "李东")


# the queue and its answers


def test_the_queue_is_of_who_answers_and_the_receiver_sees_his_own(
    resident: Resident, secretary_east: Actor, officer_town: Actor, officer_county: Actor,
    secretary_neighbour: Actor, secretary_west: Actor, warden: Actor, data_officer: Actor,
):  # fmt: skip
    asked = _ask(resident)
    taken = _receive(secretary_east, resident.household)
    for actor in (officer_town, officer_county, data_officer):
        assert set(_waiting(actor)) == {asked, taken}
    assert _waiting(secretary_east) == [taken]
    for actor in (secretary_neighbour, secretary_west, warden):
        assert _waiting(actor) == []
        for row in (asked, taken):
            with pytest.raises(NotPermitted, match=r"rights\.not_found"):
                get_request(actor, row.id)


def test_the_queue_follows_a_household_that_moves(
    resident: Resident, officer_town: Actor, secretary_west: Actor
):
    made = _ask(resident)
    other_town = cast.make_actor("钱镇", ("town", cast.WEST_TOWN))
    assert (_waiting(officer_town), _waiting(other_town)) == ([made], [])
    Household.objects.filter(id=resident.household.id).update(place_id=cast.WEST_GRID)
    assert (_waiting(officer_town), _waiting(other_town)) == ([], [made])


@pytest.mark.parametrize("rows", [1, 3])
def test_the_queue_takes_one_query(
    resident: Resident, officer_town: Actor, django_assert_num_queries: Any, rows: int
):
    for _ in range(rows):
        _ask(resident)
        acts.correct_own(resident, Proposed(what="other", words="x"), **AT)
    with django_assert_num_queries(1):
        shown = [shown_request(r, today=cast.TODAY).state for r in _waiting(officer_town)]
    assert shown == ["等答复"] * (2 * rows)
    with django_assert_num_queries(1):
        assert len(own_requests(resident.household.id, today=cast.TODAY)) == 2 * rows


def test_an_answer_is_given_once_in_words_by_who_may(
    resident: Resident, officer_town: Actor, secretary_east: Actor, secretary_west: Actor
):
    made = _ask(resident)
    for actor in (secretary_east, secretary_west):
        _refused("rights.not_found", acts.answer_request, actor, made.id, "granted", "好", **AT)
    _refused(
        "rights.no_words", acts.answer_request, officer_town, made.id, "refused", " ", **AT
    )
    _refused("rights.bad_outcome", acts.answer_request, officer_town, made.id, "", "好", **AT)
    acts.answer_request(officer_town, made.id, "granted", "为了联系您", **LATER)
    _refused(
        "rights.answered", acts.answer_request, officer_town, made.id, "refused", "不", **LATER
    )
    shown = request_by_ref(made.ref, today=cast.TODAY)
    assert (shown.state, shown.answer, shown.answered_by) == ("照办了", "为了联系您", "赵镇")
    assert _waiting(officer_town) == []
    assert list(list_requests(officer_town, waiting=False)) == [made]
    entry = Entry.objects.get(verb="rights.answer")
    assert "为了" not in repr(vars(entry))


def test_who_received_it_may_not_answer_it(numbered: Household, secretary_east: Actor):
    made = _receive(secretary_east, numbered)
    _refused(
        "rights.not_found", acts.answer_request, secretary_east, made.id, "granted", "好", **AT
    )


def test_a_copy_at_the_counter_is_seen_by_the_household(
    numbered: Household, secretary_east: Actor, officer_town: Actor, secretary_west: Actor
):
    from lianhu.rights.queries.looked import who_looked  # noqa: PLC0415

    made = _receive(secretary_east, numbered, "copy")
    for actor in (secretary_east, secretary_west):
        _refused("rights.not_found", acts.note_copy, actor, made.id, **AT)
    acts.note_copy(officer_town, made.id, **AT)
    assert [(k.by, k.what) for k in who_looked(numbered)] == [("赵镇", "给本户复制一份")]


def test_who_asked_is_told_once_that_there_is_an_answer_and_not_what(
    resident: Resident, officer_town: Actor, secretary_east: Actor, inbox: Inbox
):
    made = _ask(resident)
    said = acts.correct_own(resident, Proposed(what="other", words="生日不对"), **AT)
    acts.copy_own(resident, **AT)
    assert tell_answers(**LATER) == 0
    acts.answer_request(officer_town, made.id, "granted", "为了联系您", **LATER)
    decline_proposal(secretary_east, said.proposal_id, "和户口本一样", **LATER)
    assert [tell_answers(**LATER) for _ in range(2)] == [2, 0]
    wait_until_sent()
    assert [to for to, _ in inbox] == [NUMBER, NUMBER]
    assert sorted(text[7:9] for _, text in inbox) == ["更正", "说明"]
    assert "为了联系" not in repr(inbox)


def test_late_answers_of_long_ago_and_a_county_without_gateway_tell_nobody(
    resident: Resident, officer_town: Actor, settings: Any, inbox: Inbox
):
    made = _ask(resident)
    acts.answer_request(officer_town, made.id, "granted", "好", **AT)
    settings.LIANHU_SMS = ""
    assert tell_answers(**AT) == 0
    settings.LIANHU_SMS = "inbox"
    assert tell_answers(at=cast.NOON + timedelta(days=8)) == 0


def test_the_first_page_counts_what_waits_in_reach(
    resident: Resident, officer_town: Actor, officer_county: Actor
):
    _ask(resident)
    made = _ask(resident)
    acts.correct_own(resident, Proposed(what="other", words="x"), **AT)
    west = cast.make_actor("钱镇", ("town", cast.WEST_TOWN))
    late = made.due_on + timedelta(days=1)
    for actor, waiting in ((officer_town, 2), (officer_county, 2), (west, 0)):
        found = count_waiting(actor, today=late)
        assert (found.waiting, found.late) == (waiting, waiting)
    assert count_waiting(officer_town, today=made.due_on).late == 0
