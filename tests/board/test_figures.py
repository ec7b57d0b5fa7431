"""Published figures: which matters count, where, and that a report about an official does not."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.utils.timezone import localdate

from lianhu.accounts.queries.actors import public_actor
from lianhu.board.figures import published
from lianhu.kernel.actor import Actor
from lianhu.matters.models import Matter
from lianhu.territory.actions import merge_place
from tests import cast

ON = date(2026, 11, 23)


def _many(place: str, n: int, answered: int, day: date, **fields: object) -> None:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=cast.SHANGHAI)
    for number in range(n):
        matter = cast.make_matter(public_actor(place), at, place=place, **fields)
        if number < answered:
            late = Matter.objects.filter(id=matter.id)
            late.update(answered_at=at + timedelta(hours=1))


@pytest.fixture
def counted(places: dict[str, str]) -> None:
    """East: 30, 15 of them in time; its neighbour and West: 24 and 12 each."""
    _many(cast.EAST, 30, 15, date(2026, 10, 12))
    _many(cast.NEIGHBOUR, 24, 12, date(2026, 10, 12))
    _many(cast.WEST, 24, 12, date(2026, 10, 12))


def test_figures_of_villages_towns_and_county_add_up(counted: None):
    figures = published(ON)
    assert (figures.first, figures.last) == (date(2026, 8, 3), date(2026, 10, 31))
    found = {
        code: (figures.of(code).received, figures.of(code).in_time)
        for code in (cast.EAST, cast.NEIGHBOUR, cast.EAST_TOWN, cast.WEST_TOWN, cast.COUNTY)
    }
    assert found == {
        cast.EAST: (30, 15),
        cast.NEIGHBOUR: (24, 12),
        cast.EAST_TOWN: (54, 27),
        cast.WEST_TOWN: (24, 12),
        cast.COUNTY: (78, 39),
    }


def test_reports_about_officials_and_sensitive_ones_never_count(counted: None):
    _many(cast.EAST, 12, 12, date(2026, 10, 13), category="official.money")
    _many(cast.EAST, 12, 12, date(2026, 10, 13), visibility="sensitive")
    figures = published(ON)
    assert figures.of(cast.EAST).received == 30
    assert figures.of(cast.COUNTY).received == 78


def test_this_month_and_older_ones_do_not_count(counted: None):
    _many(cast.EAST, 3, 3, date(2026, 11, 2))
    _many(cast.EAST, 3, 3, date(2026, 8, 2))
    assert published(ON).of(cast.EAST).received == 30


def test_an_answer_after_the_month_does_not_move_its_figures(counted: None):
    Matter.objects.filter(place_id=cast.EAST, answered_at=None).update(
        answered_at=datetime(2026, 11, 1, 0, 0, tzinfo=cast.SHANGHAI), due_on=date(2026, 12, 1)
    )
    assert published(ON).of(cast.EAST).in_time == 15


def test_late_answers_are_not_in_time(counted: None):
    Matter.objects.filter(place_id=cast.EAST).update(due_on=date(2026, 10, 11))
    assert published(ON).of(cast.EAST).in_time is None


def test_groups_and_grids_count_with_their_village_only(counted: None):
    Matter.objects.filter(place_id=cast.EAST).update(place_id=cast.EAST_GRID)
    figures = published(ON)
    assert figures.of(cast.EAST).received == 30
    assert figures.of(cast.EAST_GRID).received is None
    assert all(len(code) <= 12 for code in figures.by_place)


def test_a_merged_village_counts_with_its_heir(counted: None, data_officer: Actor):
    merge_place(data_officer, cast.NEIGHBOUR, cast.EAST, on=cast.TODAY, at=cast.NOON)
    figures = published(ON)
    assert figures.of(cast.EAST).received == 54
    assert cast.NEIGHBOUR not in figures.by_place


def test_pages_say_that_a_small_figure_is_not_published(browser: Client):
    day = localdate().replace(day=1) - timedelta(days=5)
    _many(cast.EAST, 5, 5, day)
    for path in ("/", f"/t/{cast.EAST_TOWN}/", f"/v/{cast.EAST}/"):
        assert "不公布" in browser.get(path).content.decode()


def test_pages_show_a_figure_that_is_not_small(browser: Client):
    day = localdate().replace(day=1) - timedelta(days=5)
    _many(cast.EAST, 30, 15, day)
    _many(cast.WEST, 30, 15, day)
    shown = browser.get("/").context["figure"]
    assert (shown.received, shown.in_time) == (60, 30)
