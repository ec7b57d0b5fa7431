"""The steps of an office: in order, by the right people, each with one entry."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from lianhu.accounts.models import Grant
from lianhu.audit.models import Entry
from lianhu.audit.queries import versions
from lianhu.matters.actions.report import rate_matter
from lianhu.matters.actions.steps import (
    accept_matter,
    answer_matter,
    ask_for_more,
    close_matter,
    dispatch_matter,
    handle_matter,
    reopen_matter,
    verify_answer,
)
from lianhu.matters.actions.supervise import escalate_matter, extend_matter, merge_matter
from lianhu.matters.models import Matter, Step
from tests import cast
from tests.matters.helpers import AT, GRIDS, accepted, answered, closed, code_of, later, raised

STEPS = {
    "accept": lambda who, m, at: accept_matter(who, m.id, at=at),
    "dispatch": lambda who, m, at: dispatch_matter(who, m.id, cast.HOUSING, at=at),
    "handle": lambda who, m, at: handle_matter(who, m.id, "在办", at=at),
    "ask": lambda who, m, at: ask_for_more(who, m.id, "哪里？", at=at),
    "answer": lambda who, m, at: answer_matter(who, m.id, "好了", at=at),
    "verify": lambda who, m, at: verify_answer(who, m.id, "看过", done=True, at=at),
    "return": lambda who, m, at: verify_answer(who, m.id, "没好", done=False, at=at),
    "close": lambda who, m, at: close_matter(who, m.id, at=at),
    "escalate": lambda who, m, at: escalate_matter(who, m.id, "快办", at=at),
    "extend": lambda who, m, at: extend_matter(who, m.id, "难办", at=at),
}
STAGE_FOR = {
    "accept": "reported",
    "verify": "answered",
    "return": "answered",
    "close": "verified",
}
LEADS_TO = {
    "accept": "accepted", "dispatch": "dispatched", "handle": "handling", "ask": "waiting",
    "answer": "answered", "verify": "verified", "return": "handling", "close": "closed",
    "escalate": "accepted", "extend": "accepted",
}  # fmt: skip


def _at_stage(matter, stage):
    Matter.objects.filter(id=matter.id).update(stage=stage)
    return Matter.objects.get(id=matter.id)


@pytest.mark.parametrize("role", ["handler", "other"])
def test_rate_matter_refuses_who_did_the_work(warden, secretary_east, officer_town, role):
    matter = closed(secretary_east, officer_town, cast.make_matter(warden))
    who = secretary_east if role == "handler" else officer_town
    assert code_of(rate_matter, who, matter, 5, "好") == "matter.rates_own_work"
    by = code_of(rate_matter, warden, matter, 5, "好", by=who.id)
    assert by == "matter.rates_own_work"
    assert rate_matter(warden, matter, 4, "还行", **AT).score == 4


def _ready(warden, step):
    return _at_stage(cast.make_matter(warden), STAGE_FOR.get(step, "accepted"))


@pytest.mark.parametrize("step", STEPS)
def test_each_step_leads_on_with_one_entry_one_step_and_one_version(
    warden, secretary_east, step
):
    matter = _ready(warden, step)
    entries, before = Entry.objects.count(), versions(GRIDS)
    STEPS[step](secretary_east, matter, cast.NOON)
    matter.refresh_from_db()
    assert matter.stage == LEADS_TO[step]
    assert matter.is_open is (step != "close")
    last = Step.objects.filter(matter=matter).latest("number")
    assert (last.number, last.verb, last.actor_name, last.at) == (2, step, "李东", cast.NOON)
    assert Entry.objects.count() == entries + 1
    entry = Entry.objects.latest("id")
    assert (entry.verb, entry.object_kind, entry.object_id, entry.place_id, entry.actor_id) == (
        f"matter.{step}", "matter", str(matter.id), cast.EAST_GRID, secretary_east.id,
    )  # fmt: skip
    assert raised(before) == {cast.EAST_GRID: 1}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("who", ["secretary_west", "secretary_neighbour", "warden_west"])
def test_each_step_refuses_the_next_village(request, warden, step, who):
    matter = _ready(warden, step)
    actor = request.getfixturevalue(who)
    assert code_of(lambda at: STEPS[step](actor, matter, at)) == "matter.not_found"
    assert Step.objects.filter(matter=matter).count() == 1


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("warden", set()),
        ("member", set()),
        ("deputy", set()),
        ("representative", set()),
        ("resident", set()),
        ("data_officer", set()),
        ("handler", set()),  # holds nothing of it
        ("leader_county", {"escalate"}),
        ("supervisor", {"verify", "return", "extend"}),
        ("officer_town", set(STEPS)),
        ("officer_county", set(STEPS)),
    ],
)
def test_who_may_take_which_step(request, warden, who, may):
    actor = request.getfixturevalue(who)
    for step in STEPS:
        matter = _ready(warden, step)
        if step in may:
            STEPS[step](actor, matter, cast.NOON)
        else:
            assert code_of(lambda at, s=step, m=matter: STEPS[s](actor, m, at)) == (
                "matter.not_found"
            )


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("stage", ["closed", "merged"])
def test_no_step_after_the_end(warden, secretary_east, step, stage):
    matter = cast.make_matter(warden)
    Matter.objects.filter(id=matter.id).update(stage=stage, is_open=False)
    code = {"return": "verify"}.get(step, step)
    assert (
        code_of(lambda at: STEPS[step](secretary_east, matter, at)) == f"matter.cannot_{code}"
    )


@pytest.mark.parametrize("step", ["handle", "ask", "answer", "return"])
def test_steps_that_need_words_refuse_without(warden, secretary_east, step):
    matter = _ready(warden, step)
    calls = {"handle": handle_matter, "ask": ask_for_more, "answer": answer_matter}
    if step == "return":
        code = code_of(verify_answer, secretary_east, matter.id, " ", done=False)
    else:
        code = code_of(calls[step], secretary_east, matter.id, " ")
    assert code == "matter.no_words"
    assert Step.objects.filter(matter=matter).count() == 1


def test_an_office_handles_what_was_given_to_it_and_nothing_after(
    warden, secretary_east, handler
):
    matter = accepted(secretary_east, cast.make_matter(warden))
    assert code_of(handle_matter, handler, matter.id, "看看") == "matter.not_found"
    dispatch_matter(
        secretary_east, matter.id, cast.HOUSING, "请看", handler_id=handler.id, **AT
    )
    answer_matter(handler, matter.id, "修好了", **AT)
    matter.refresh_from_db()
    assert (matter.answered_by, matter.answerer_id, matter.handler_id) == (
        "冯经办", handler.id, handler.id,
    )  # fmt: skip
    assert code_of(verify_answer, handler, matter.id, "", done=True) == "matter.not_found"
    assert code_of(close_matter, handler, matter.id) == "matter.not_found"


@pytest.mark.parametrize(
    "office",
    [f"{cast.WEST_TOWN}:housing", f"{cast.EAST_TOWN}:nonsense", "", "x", f"{cast.COUNTY}:",
     f"{cast.NEIGHBOUR}:committee"],
)  # fmt: skip
def test_dispatch_refuses_an_office_that_does_not_serve_the_place(
    warden, secretary_east, office
):
    matter = accepted(secretary_east, cast.make_matter(warden))
    assert (
        code_of(dispatch_matter, secretary_east, matter.id, office) == "matter.unknown_office"
    )


def test_dispatch_names_only_a_handler_who_sits_there_today(
    warden, secretary_east, handler, secretary_west
):
    matter = accepted(secretary_east, cast.make_matter(warden))
    for person in (secretary_west.id, uuid4(), warden.id):
        code = code_of(
            dispatch_matter, secretary_east, matter.id, cast.HOUSING, handler_id=person
        )
        assert code == "matter.not_in_office"
    Grant.objects.filter(user_id=handler.id).update(ends_on=cast.TODAY - timedelta(days=1))
    code = code_of(
        dispatch_matter, secretary_east, matter.id, cast.HOUSING, handler_id=handler.id
    )
    assert code == "matter.not_in_office"


def test_a_report_about_an_official_never_leaves_the_county(warden, officer_county):
    matter = accepted(officer_county, cast.make_matter(warden, category="official.conduct"))
    for office in (cast.COMMITTEE, cast.HOUSING):
        assert code_of(dispatch_matter, officer_county, matter.id, office) == (
            "matter.unknown_office"
        )
    dispatch_matter(officer_county, matter.id, cast.PETITION, **AT)


def test_the_accused_is_never_made_the_handler(warden, officer_county):
    accused = cast.make_actor("被", ("county", cast.COUNTY, cast.DISCIPLINE))
    matter = accepted(
        officer_county,
        cast.make_matter(warden, category="official.conduct", accused_id=accused.id),
    )
    code = code_of(
        dispatch_matter, officer_county, matter.id, cast.DISCIPLINE, handler_id=accused.id
    )
    assert code == "matter.not_in_office"


def test_verify_refuses_handler_and_answerer(warden, secretary_east, officer_town, supervisor):
    matter = accepted(secretary_east, cast.make_matter(warden))
    handle_matter(secretary_east, matter.id, "在办", **AT)
    answer_matter(officer_town, matter.id, "好了", **AT)  # another answers what she handled
    for actor in (secretary_east, officer_town):
        for done in (True, False):
            assert code_of(verify_answer, actor, matter.id, "看过", done=done) == (
                "matter.own_answer"
            )
    verify_answer(supervisor, matter.id, "", done=True, **AT)
    assert Matter.objects.get().stage == "verified"


def test_a_returned_answer_is_handled_again(warden, secretary_east, supervisor):
    matter = answered(secretary_east, cast.make_matter(warden))
    verify_answer(supervisor, matter.id, "没清干净", done=False, **AT)
    assert Matter.objects.get().stage == "handling"
    answer_matter(secretary_east, matter.id, "又清了一遍", **AT)
    verify_answer(supervisor, matter.id, "", done=True, **AT)
    assert list(matter.steps.order_by("number").values_list("number", flat=True)) == list(
        range(1, 8)
    )


@pytest.mark.parametrize(
    ("days", "hours", "reopens"), [(0, 0, True), (30, 0, True), (30, 1, False)]
)
def test_reopen_within_the_window_with_a_new_clock(
    warden, secretary_east, officer_town, days, hours, reopens
):
    matter = closed(secretary_east, officer_town, cast.make_matter(warden))
    rate_matter(warden, matter, 1, "没用", **AT)
    when = later(days, hours)
    if not reopens:
        assert code_of(reopen_matter, warden, matter, "又堆了", **when) == (
            "matter.reopen_too_late"
        )
        return
    reopen_matter(warden, matter, "又堆了", **when)
    matter.refresh_from_db()
    assert (matter.stage, matter.is_open, matter.reopenings, matter.handler_id) == (
        "accepted", True, 1, None,
    )  # fmt: skip
    assert (matter.answer, matter.answered_at, matter.score) == ("", None, None)
    assert matter.due_on == (date(2026, 11, 26) if days == 0 else date(2026, 12, 28))


def test_reopen_refuses_what_is_not_closed_and_without_words(
    warden, secretary_east, officer_town
):
    matter = cast.make_matter(warden)
    assert code_of(reopen_matter, warden, matter, "又") == "matter.cannot_reopen"
    closed(secretary_east, officer_town, matter)
    assert code_of(reopen_matter, warden, matter, " ") == "matter.no_words"


def test_the_accused_cannot_reopen(warden, officer_county, secretary_east, officer_town):
    matter = closed(secretary_east, officer_town, cast.make_matter(warden))
    Matter.objects.filter(id=matter.id).update(accused_id=officer_county.id)
    assert code_of(reopen_matter, officer_county, matter, "又") == "matter.not_found"


def test_merge_makes_a_copy_and_tells_both(warden, member, secretary_east):
    first, second = cast.make_matter(warden), cast.make_matter(member, words="桥头垃圾")
    before = versions([*GRIDS, f"user:{warden.id}", f"user:{member.id}"])
    merge_matter(secretary_east, second.id, first.id, **AT)
    second.refresh_from_db()
    assert (second.stage, second.is_open, second.duplicate_of_id) == ("merged", False, first.id)
    assert Step.objects.filter(matter=first).latest("number").words == "桥头垃圾"
    rose = raised(before, f"user:{warden.id}", f"user:{member.id}")
    assert rose == {cast.EAST_GRID: 2, f"user:{warden.id}": 1, f"user:{member.id}": 1}


def test_merge_refuses(warden, secretary_east, secretary_west, warden_west, officer_town):
    one, two = cast.make_matter(warden), cast.make_matter(warden)
    west = cast.make_matter(warden_west, place=cast.WEST_GRID)
    assert code_of(merge_matter, secretary_east, one.id, one.id) == "matter.not_alike"
    assert code_of(merge_matter, secretary_east, one.id, west.id) == "matter.not_found"
    assert code_of(merge_matter, secretary_east, west.id, one.id) == "matter.not_found"
    assert code_of(merge_matter, secretary_west, one.id, two.id) == "matter.not_found"
    closed(secretary_east, officer_town, two)
    assert code_of(merge_matter, secretary_east, one.id, two.id) == "matter.not_alike"
    assert code_of(merge_matter, secretary_east, two.id, one.id) == "matter.cannot_merge"


def test_merge_of_sensitive_matters_shows_neither_reporter_the_others_words(
    warden, member, secretary_east
):
    first = cast.make_matter(warden, visibility="sensitive")
    second = cast.make_matter(member, visibility="sensitive", words="她家的事只告诉您")
    merge_matter(secretary_east, second.id, first.id, **AT)
    assert "她家的事只告诉您" not in set(first.steps.values_list("words", flat=True))


def test_extend_once_to_the_longest_by_another(warden, secretary_east, officer_town):
    matter = accepted(secretary_east, cast.make_matter(warden))
    handle_matter(secretary_east, matter.id, "难", **AT)
    assert code_of(extend_matter, secretary_east, matter.id, "难") == "matter.own_answer"
    assert code_of(extend_matter, officer_town, matter.id, " ") == "matter.no_words"
    extend_matter(officer_town, matter.id, "要等配件", **AT)
    matter.refresh_from_db()
    assert matter.due_on == date(2026, 12, 14)
    assert code_of(extend_matter, officer_town, matter.id, "再等") == "matter.cannot_extend"


def test_extend_of_a_petition_gives_thirty_days(warden, officer_county):
    matter = cast.make_matter(warden, category="official.conduct")
    assert matter.due_on == date(2027, 1, 22)
    extend_matter(officer_county, matter.id, "情况复杂", **AT)
    matter.refresh_from_db()
    assert matter.due_on == date(2027, 2, 21)


def test_photos_of_a_step_are_kept_in_order_of_number(warden, secretary_east):
    matter = accepted(secretary_east, cast.make_matter(warden))
    answer_matter(secretary_east, matter.id, "看照片", photos=["c" * 64], **AT)
    assert list(matter.attachments.values_list("step__verb", "sha256")) == [
        ("answer", "c" * 64)
    ]
