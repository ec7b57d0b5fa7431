"""Clocks, moves and likeness as tables of examples."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianhu.kernel.catalogue import ROOT
from lianhu.kernel.workdays import Calendar, state_calendar
from lianhu.matters.kinds import all_kinds, clocks
from lianhu.matters.rules import (
    ENDED,
    MOVES,
    Stage,
    bigrams,
    clock_words,
    due_on,
    headline,
    likeness,
    may,
    urgency,
)

CALENDAR = state_calendar()
RULES = clocks(date(2026, 11, 23))
EXAMPLES = json.loads((ROOT.parent / "contracts" / "clock.json").read_text(encoding="utf-8"))
DAYS = st.dates(date(2025, 1, 1), date(2028, 12, 31))


def _calendar(given_):
    off = frozenset(date.fromisoformat(d) for d in given_["off"])
    worked = frozenset(date.fromisoformat(d) for d in given_["on"])
    return Calendar(off, worked, frozenset({date.fromisoformat(given_["until"]).year}))


def _words(example, calendar):
    due = example["due_on"] and date.fromisoformat(example["due_on"])
    today = date.fromisoformat(example["today"])
    return clock_words(today, due or today, ended=due is None, calendar=calendar)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_clock_words_are_those_of_the_contract(number):
    example = EXAMPLES[number]
    assert _words(example, _calendar(example["calendar"])) == example["words"]
    assert _words(example, CALENDAR) == example["words"]


def test_the_contracts_calendar_is_the_states():
    for example in EXAMPLES:
        off = {date.fromisoformat(d) for d in example["calendar"]["off"]}
        worked = {date.fromisoformat(d) for d in example["calendar"]["on"]}
        assert off == {d for d in CALENDAR.off if d.year == 2026}
        assert worked == {d for d in CALENDAR.worked if d.year == 2026}


@pytest.mark.parametrize(
    ("received", "clock", "due"),
    [
        ("2026-11-23", "spot", "2026-11-23"),
        ("2026-11-21", "spot", "2026-11-21"),  # a Saturday
        ("2026-11-23", "simple", "2026-11-26"),
        ("2026-11-20", "simple", "2026-11-25"),  # over a weekend
        ("2026-11-21", "simple", "2026-11-25"),
        ("2026-09-30", "simple", "2026-10-10"),  # over National Day; a Saturday worked counts
        ("2026-02-13", "simple", "2026-02-25"),  # over the Spring Festival
        ("2026-11-23", "hard", "2026-12-02"),
        ("2026-11-23", "extended", "2026-12-14"),
        ("2026-11-23", "petition", "2027-01-22"),  # sixty calendar days
        ("2026-12-30", "simple", "2027-01-04"),  # into a year not published: weekends only
        ("2027-02-05", "simple", "2027-02-10"),  # the Spring Festival of 2027 is not known yet
    ],
)
def test_due_on_follows_the_calendar(received, clock, due):
    assert due_on(date.fromisoformat(received), clock, RULES, CALENDAR) == date.fromisoformat(
        due
    )


@given(DAYS, st.sampled_from(["spot", "simple", "hard", "extended", "petition"]))
def test_due_on_is_never_before_the_day_received(day, clock):
    assert due_on(day, clock, RULES, CALENDAR) >= day


@pytest.mark.parametrize(
    ("today", "due", "ended", "look"),
    [
        ("2026-11-23", "2026-11-26", False, "calm"),
        ("2026-11-25", "2026-11-26", False, "soon"),
        ("2026-11-26", "2026-11-26", False, "soon"),
        ("2026-11-27", "2026-11-26", False, "late"),
        ("2026-11-21", "2026-11-20", False, "late"),  # late on a Saturday, by 0 working days
        ("2026-12-27", "2026-11-26", True, "calm"),
    ],
)
def test_urgency_looks_as_the_words_say(today, due, ended, look):
    days = date.fromisoformat(today), date.fromisoformat(due)
    assert urgency(*days, ended=ended, soon=1, calendar=CALENDAR) == look


@given(DAYS, st.integers(-60, 60))
def test_clock_words_are_late_exactly_after_the_due_day(today, distance):
    due = today + timedelta(days=distance)
    words = clock_words(today, due, ended=False, calendar=CALENDAR)
    late = urgency(today, due, ended=False, soon=1, calendar=CALENDAR) == "late"
    assert words.startswith(("已超", "刚过")) is late is (distance < 0)


def test_every_clock_of_every_kind_is_known():
    known = set(RULES) | {"petition"}
    assert {k.clock for k in all_kinds().values()} <= known


MOVED = {
    "accept": "reported",
    "dispatch": "accepted dispatched handling reported",
    "handle": "accepted dispatched handling",
    "ask": "accepted dispatched handling",
    "add": "accepted answered dispatched handling reported waiting",
    "resume": "waiting",
    "answer": "accepted dispatched handling waiting",
    "verify": "answered",
    "return": "answered",
    "close": "verified",
    "rate": "answered closed verified",
    "reopen": "closed",
    "escalate": "accepted dispatched handling reported waiting",
    "extend": "accepted dispatched handling reported waiting",
    "merge": "accepted dispatched handling reported waiting",
}


def test_every_step_may_be_taken_from_just_these_stages():
    found = {step: " ".join(sorted(s for s in Stage if may(step, s))) for step in MOVES}
    assert found == MOVED


def test_an_ended_matter_only_reopens_or_is_rated():
    assert {s for s in MOVES if any(may(s, e) for e in ENDED)} == {"rate", "reopen"}


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("桥头的垃圾堆了三天", "桥头的垃圾堆了三天", 1.0),
        ("桥头垃圾", "桥头的垃圾没人管", 2 / 3),
        ("桥头垃圾", "医保怎么报销", 0.0),
        ("", "桥头垃圾", 0.0),
        ("桥", "桥头垃圾", 0.0),
        ("！！！", "！！！", 0.0),
        ("Wi-Fi 坏了", "wi-fi坏了", 4 / 4 * 3 / 3),
    ],
)
def test_likeness_is_the_share_of_common_pairs(one, other, share):
    assert likeness(one, other) == pytest.approx(share)


@given(st.text(), st.text())
def test_likeness_is_a_share_and_symmetric(one, other):
    assert 0.0 <= likeness(one, other) <= 1.0
    assert likeness(one, other) == likeness(other, one)
    assert likeness(one, one) == (1.0 if bigrams(one) else 0.0)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("桥头垃圾堆了三天。娃娃绕路。", "桥头垃圾堆了三天"),
        ("  \n", ""),
        ("一" * 25, "一" * 23 + "…"),
        ("一" * 24, "一" * 24),
    ],
)
def test_headline_is_the_first_sentence_cut(words, line):
    assert headline(words) == line
