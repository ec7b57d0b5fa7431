"""The year's matters follow the rules of the product and tell no tale twice."""

from datetime import datetime, time
from itertools import pairwise

import numpy as np
import pytest

from lianhu.demo.county import County
from lianhu.demo.divisions import COUNTY, PILOT
from lianhu.demo.matters import Teller, group_words
from lianhu.demo.officehours import DAY, OfficeHours
from lianhu.demo.phrases import Speaker, weights
from lianhu.demo.telling import NOBODY, ZONE
from lianhu.demo.visits import make_visits, visit_rows
from lianhu.demo.year import make_year
from lianhu.kernel.workdays import state_calendar
from lianhu.matters.actions.load import MatterRow
from lianhu.matters.kinds import all_kinds
from lianhu.matters.rules import MOVES, STAGE_WORDS, Stage
from tests.demo.conftest import TODAY

END = datetime.combine(TODAY, time(0), ZONE)


@pytest.fixture(scope="module")
def rows(small: County) -> list[MatterRow]:
    year = make_year(small)
    teller = Teller(small, year)
    return [row for numbers in year.chunks() for row in teller.rows(numbers)]


def test_make_year_has_the_number_asked_for(rows: list[MatterRow]) -> None:
    assert len(rows) == 800
    assert len({row.id for row in rows}) == len({row.ref for row in rows}) == 800
    assert {row.stage for row in rows} == set(STAGE_WORDS)


def test_steps_follow_the_moves_of_the_product(rows: list[MatterRow]) -> None:
    for row in rows:
        stage = Stage.REPORTED
        assert row.steps[0].verb == "report"
        for step in row.steps[1:]:
            allowed, to = MOVES[step.verb]
            assert stage in allowed, (row.ref, step.verb)
            stage = to or stage
        assert stage == row.stage


def test_times_run_forward_and_never_past_the_end(rows: list[MatterRow]) -> None:
    for row in rows:
        assert all(one.at <= other.at for one, other in pairwise(row.steps)), row.ref
        assert row.captured_at <= row.received_at == row.steps[0].at
        assert all(step.at < END for step in row.steps)


def test_the_verifier_never_handled_it(rows: list[MatterRow]) -> None:
    checked = 0
    for row in rows:
        handlers = {s.actor_id for s in row.steps if s.verb in {"handle", "answer"}}
        for step in row.steps:
            if step.verb in {"verify", "return"}:
                checked += 1
                assert step.actor_id not in handlers
    assert checked > 700


def test_a_report_about_an_official_stays_with_the_county(rows: list[MatterRow]) -> None:
    about = [row for row in rows if row.row_class == "about_official"]
    assert about
    assert any(row.fields["subject_place"] == PILOT for row in about)
    for row in about:
        assert row.place == COUNTY
        assert "household_id" not in row.fields
        assert all(step.actor_id != row.fields.get("accused_id") for step in row.steps)
        assert all(step.office.startswith(f"{COUNTY}:") for step in row.steps)


def test_columns_agree_with_the_steps(rows: list[MatterRow]) -> None:
    for row in rows:
        fields = row.fields
        closed = row.stage == Stage.CLOSED
        assert ("closed_at" in fields) == closed
        assert (fields.get("waiting_since") is not None) == (row.stage == Stage.WAITING)
        verbs = [step.verb for step in row.steps]
        assert fields.get("escalations", 0) == verbs.count("escalate")
        assert fields.get("reopenings", 0) == verbs.count("reopen")
        if row.source == "board":
            assert row.reporter_id is None
            assert fields["reporter_phone"].startswith("100")
        else:
            assert row.reporter_id != NOBODY


def test_late_matters_were_urged_once_by_the_daily_run(rows: list[MatterRow]) -> None:
    open_stages = {Stage.REPORTED, Stage.ACCEPTED, Stage.DISPATCHED, Stage.HANDLING}
    late = [r for r in rows if r.stage in open_stages and r.due_on < TODAY.replace(day=21)]
    assert late
    assert all("escalate" in {s.verb for s in r.steps} for r in late)


def test_texts_are_of_known_kinds_and_vary(rows: list[MatterRow]) -> None:
    assert set(weights()) <= set(all_kinds())
    assert len({row.words for row in rows}) > 780
    assert not any("{" in s.words for row in rows for s in row.steps)


def test_speaker_says_the_same_for_the_same_lot() -> None:
    one, other = Speaker(77, "刘", "三"), Speaker(77, "刘", "三")
    assert one.tell("environment.road") == other.tell("environment.road")


def test_office_hours_leave_out_nights_lunch_and_days_off() -> None:
    hours = OfficeHours(TODAY, 14, state_calendar())  # a Monday
    minutes = np.array([8 * 60, 9 * 60, 12 * 60 + 30, 20 * 60, 5 * DAY + 600])
    office = hours.of_clock(minutes)
    assert office.tolist() == [0, 0, 180, 390, 5 * 390]
    assert hours.to_clock(office).tolist()[-1] == 7 * DAY + 9 * 60


def test_visits_are_by_the_leader_of_the_grid(small: County) -> None:
    visits = list(visit_rows(small, make_visits(small)))
    assert len(visits) == 1_200
    leaders = {
        code: small.user_id(int(worker))
        for code, worker in zip(small.codes, small.staff.leader, strict=True)
        if worker >= 0
    }
    for _, _, grid, visitor, _, on, received, duties, _ in visits:
        assert leaders[grid] == visitor
        assert on <= received.date() < TODAY
        assert set(duties) <= {"policy", "resolution", "works", "opinion"}


@pytest.mark.parametrize(
    ("number", "words"), [(1, "一"), (10, "十"), (14, "十四"), (20, "二十"), (35, "三十五")]
)
def test_group_words(number: int, words: str) -> None:
    assert group_words(number) == words
