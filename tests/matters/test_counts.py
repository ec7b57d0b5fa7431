"""The figures of the first page, day by day as China counts days, and never other than a count."""

from datetime import datetime, time, timedelta

import pytest
from django.db import transaction
from django.utils.timezone import localdate, make_aware
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lianhu.kernel.errors import Refusal
from lianhu.matters.actions.counting import recount_ended
from lianhu.matters.actions.report import add_to_matter, rate_matter
from lianhu.matters.actions.steps import (
    accept_matter,
    answer_matter,
    ask_for_more,
    close_matter,
    handle_matter,
    reopen_matter,
    verify_answer,
)
from lianhu.matters.actions.supervise import extend_matter, merge_matter
from lianhu.matters.models import EndedCount, Matter
from lianhu.matters.queries.counts import count_below, count_turn
from lianhu.matters.rules import RUNNING
from lianhu.territory.queries import reaches
from tests import cast
from tests.matters.helpers import closed, later


def _closed(warden, answered_at):
    matter = cast.make_matter(warden)
    Matter.objects.filter(id=matter.id).update(
        stage="closed", is_open=False, answered_at=answered_at(matter.due_on)
    )
    recount_ended()


def test_count_turn_ends_the_last_day_at_chinas_midnight(secretary_east, warden):
    def midnight(day):
        return make_aware(datetime.combine(day + timedelta(days=1), time.min))

    _closed(warden, lambda day: midnight(day) - timedelta(seconds=1))
    _closed(warden, midnight)
    turn = count_turn(secretary_east, under=cast.EAST, today=cast.TODAY)
    assert (turn.ended, turn.ended_in_time) == (2, 1)


def test_count_turn_looks_back_some_days_only(secretary_east, warden):
    _closed(warden, lambda day: cast.NOON)
    for days, ended in ((0, 1), (-1, 0)):
        turn = count_turn(secretary_east, under=cast.EAST, today=cast.TODAY, days=days)
        assert turn.ended == ended, days


def test_closing_counts_and_taking_up_again_uncounts(secretary_east, officer_town, warden):
    matter = closed(secretary_east, officer_town, cast.make_matter(warden))
    day = (cast.TODAY, 1, 1)
    rows = EndedCount.objects.order_by("place").values_list(
        "place", "received_on", "ended", "in_time"
    )
    assert list(rows) == [(c, *day) for c in (cast.COUNTY, cast.EAST_TOWN, cast.EAST)]
    reopen_matter(secretary_east, matter, "又堆起来了", **later(days=1))
    assert {row[2:] for row in rows.all()} == {(0, 0)}


@pytest.mark.parametrize("under", [cast.COUNTY, cast.EAST_TOWN, cast.EAST, cast.EAST_GRID])
def test_a_report_that_accuses_the_reader_is_in_no_figure_of_his(
    officer_county, secretary_east, officer_town, warden, under
):
    matter = closed(secretary_east, officer_town, cast.make_matter(warden))
    before = count_turn(officer_county, under=under, today=cast.TODAY)
    Matter.objects.filter(id=matter.id).update(accused_id=officer_county.id)
    after = count_turn(officer_county, under=under, today=cast.TODAY)
    assert (before.ended, before.ended_in_time) == (1, 1)
    assert (after.ended, after.ended_in_time) == (0, 0)


def _by_hand(actor, under, today, days):
    """The figures, matter by matter in Python."""
    seen = [
        m
        for m in Matter.objects.all()
        if reaches(actor, m, "matter.read") and m.place_id.startswith(under)
    ]
    running = [m for m in seen if m.is_open and m.stage in RUNNING]
    ended = [
        m
        for m in seen
        if m.stage == "closed" and localdate(m.received_at) >= today - timedelta(days=days)
    ]
    return (
        sum(m.due_on < today for m in running),
        sum(m.due_on == today for m in running),
        sum(m.is_open for m in seen),
        sum(localdate(m.answered_at) <= m.due_on for m in ended),
        len(ended),
    )


def _figures(actor, under, today, days):
    turn = count_turn(actor, under=under, today=today, days=days)
    return turn.late, turn.today, turn.open, turn.ended_in_time, turn.ended


def _kept():
    rows = EndedCount.objects.exclude(ended=0, in_time=0)
    return set(rows.values_list("place", "received_on", "ended", "in_time"))


STEPS = {
    "accept": lambda a, b, m, o, at: accept_matter(a, m.id, at=at),
    "handle": lambda a, b, m, o, at: handle_matter(a, m.id, "去看", at=at),
    "ask": lambda a, b, m, o, at: ask_for_more(a, m.id, "哪里", at=at),
    "add": lambda a, b, m, o, at: add_to_matter(a, m.id, "桥头", at=at),
    "answer": lambda a, b, m, o, at: answer_matter(a, m.id, "清了", at=at),
    "verify": lambda a, b, m, o, at: verify_answer(b, m.id, "好", done=True, at=at),
    "return": lambda a, b, m, o, at: verify_answer(b, m.id, "没有", done=False, at=at),
    "close": lambda a, b, m, o, at: close_matter(b, m.id, at=at),
    "rate": lambda a, b, m, o, at: rate_matter(a, m, 5, "", at=at),
    "reopen": lambda a, b, m, o, at: reopen_matter(a, m, "又来了", at=at),
    "extend": lambda a, b, m, o, at: extend_matter(b, m.id, "难", at=at),
    "merge": lambda a, b, m, o, at: merge_matter(a, m.id, o.id, at=at),
}
ON = {"reported": "accept", "accepted": "handle", "dispatched": "handle", "handling": "answer",
      "waiting": "add", "answered": "verify", "verified": "close"}  # fmt: skip
KINDS = (
    {},
    {"category": "environment"},
    {"category": "dispute.family"},
    {"visibility": "sensitive"},
    {"category": "official.conduct"},
    {"place": cast.WEST_GRID},
)


def _go(step, matter_id, other, at, actor, second):
    """Take a step if it may be taken; "finish" goes on until the matter is closed."""
    matter = Matter.objects.get(id=matter_id)
    steps = iter(lambda: ON.get(matter.stage), None) if step == "finish" else [step]
    for one in steps:
        try:
            with transaction.atomic():
                STEPS[one](actor, second, matter, other, at)
        except Refusal:
            return
        matter.refresh_from_db()


@settings(
    max_examples=5, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)  # to make a failure shorter takes minutes
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["finish", "finish", "reopen", *STEPS]),
            st.integers(0, len(KINDS) - 1), st.integers(0, len(KINDS) - 1), st.integers(0, 6),
        ),
        min_size=5, max_size=25,
    )
)  # fmt: skip
def test_figures_are_those_of_a_count_after_any_steps(
    officer_county, leader_county, officer_town, secretary_east, warden, taken
):
    """Whatever happens to six matters of all classes: ended, merged, taken up again."""
    second = cast.make_actor("县", ("county", cast.COUNTY, cast.DISCIPLINE))
    readers = (officer_county, leader_county, officer_town, secretary_east, warden)
    with transaction.atomic():
        day = 0
        matters = [
            cast.make_matter(second if kind.get("place") else warden, **kind) for kind in KINDS
        ]
        for step, number, other, more in taken:
            day += more
            at = later(days=day)["at"]
            _go(step, matters[number].id, matters[other], at, officer_county, second)
            _compare(readers, localdate(at))
        kept = _kept()
        recount_ended()
        assert _kept() == kept
        transaction.set_rollback(True)


def _compare(readers, today):
    """Every figure of every reader with a count by hand."""
    for actor in readers:
        for under in (cast.COUNTY, cast.EAST_TOWN, cast.EAST, cast.EAST_GRID):
            for days in (90, 1):
                told = _figures(actor, under, today, days)
                assert told == _by_hand(actor, under, today, days), (actor.name, under, days)
    towns = [cast.EAST_TOWN, cast.WEST_TOWN]
    for town, counted in count_below(readers[0], towns, under=cast.COUNTY, today=today).items():
        late, _, open_, _, _ = _by_hand(readers[0], town, today, 90)
        assert (counted.late, counted.open) == (late, open_)
