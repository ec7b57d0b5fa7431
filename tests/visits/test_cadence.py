"""How often households are visited is the county's to set, from a day on; every version stays."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from lianhu.audit.models import Entry
from lianhu.audit.queries import versions
from lianhu.phone import parcels
from lianhu.visits.actions import record_visit, set_cadence
from lianhu.visits.models import Cadence
from lianhu.visits.queries import county_rules, list_overdue
from lianhu.visits.rules import cadence, county_rule
from tests import cast
from tests.matters.helpers import AT, GRIDS, code_of, raised

WISH = county_rule(
    cast.TODAY, "县联席会议 3 号纪要", {"red": 3, "yellow": 14, "green": 60}, first=2, per_day=4
)  # fmt: skip


def test_set_cadence_keeps_every_version_and_tells_every_phone(officer_county, household):
    record_visit(
        cast.make_posted("陈", "warden", cast.EAST_GRID), household.id, cast.TODAY, **AT
    )
    before = versions(GRIDS)
    row = set_cadence(officer_county, cast.COUNTY, WISH, **AT)
    later = county_rule(
        cast.TODAY + timedelta(days=30), "4 号纪要", WISH.every | {"red": 1}, 2, 4
    )
    set_cadence(officer_county, cast.COUNTY, later, **AT)
    own = county_rules(cast.EAST_GRID)
    assert own == [WISH, later]
    assert (row.made_by_name, row.place_id) == ("吴纪", cast.COUNTY)
    assert cadence(own, cast.TODAY) == WISH
    assert cadence(own, cast.TODAY + timedelta(days=30)).every["red"] == 1
    assert cadence(own, cast.TODAY - timedelta(days=1)).label == "我们的默认"
    assert raised(before)[cast.EAST_GRID] == 2
    entry = Entry.objects.filter(verb="cadence.set").earliest("id")
    assert (entry.place_id, entry.facts) == (
        cast.COUNTY, {"since": cast.TODAY.isoformat(), "red": 3, "yellow": 14, "green": 60},
    )  # fmt: skip


def test_set_cadence_refuses_the_next_village_and_whoever_is_not_the_county(
    secretary_east,
    secretary_west,
    officer_town,
    leader_county,
    data_officer,
    warden,
    officer_county,
):
    for actor in (
        secretary_east,
        secretary_west,
        officer_town,
        leader_county,
        data_officer,
        warden,
    ):
        assert code_of(set_cadence, actor, cast.COUNTY, WISH) == "account.not_permitted"
    assert code_of(set_cadence, officer_county, "610922", WISH) == "account.not_permitted"
    assert not Cadence.objects.exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"since": cast.TODAY - timedelta(days=1)}, "cadence.past_day"),
        ({"every": {"red": 15, "yellow": 14, "green": 60}}, "cadence.bad_days"),
        ({"every": {"red": 0, "yellow": 14, "green": 60}}, "cadence.bad_days"),
        ({"per_day": 0}, "cadence.bad_days"),
        ({"source": " "}, "cadence.no_source"),
        ({"source": "县" * 201}, "cadence.no_source"),
    ],
)
def test_set_cadence_refuses_what_cannot_stand(officer_county, changes, code):
    assert code_of(set_cadence, officer_county, cast.COUNTY, replace(WISH, **changes)) == code
    assert not Cadence.objects.exists()


def test_not_even_the_table_visits_the_redder_later(officer_county):
    row = set_cadence(officer_county, cast.COUNTY, WISH, **AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Cadence.objects.filter(id=row.id).update(red=15)


def test_the_phones_plan_follows_from_the_next_visit_on(officer_county, warden, household):
    """What was counted from a day before stays as it was."""
    other = cast.make_household()
    record_visit(warden, household.id, cast.TODAY - timedelta(days=1), **AT)
    set_cadence(officer_county, cast.COUNTY, WISH, **AT)
    record_visit(warden, other.id, cast.TODAY, **AT)
    grid = parcels.parcels(warden, parcels.own_grids(warden), **AT)[cast.EAST_GRID]
    due = {v["household_id"]: v for v in json.loads(grid)["visits_due"]}
    assert due[str(household.id)]["due_on"] == (cast.TODAY + timedelta(days=89)).isoformat()
    assert due[str(other.id)]["due_on"] == (cast.TODAY + timedelta(days=60)).isoformat()
    assert due[str(other.id)]["why"] == "放心户每 60 天看一次（县里定的）"
    assert json.loads(grid)["visit_plan"] == {"per_day": 4, "label": "县里定的"}


def test_the_list_of_what_is_due_follows_too(officer_county, secretary_east, warden, household):
    set_cadence(officer_county, cast.COUNTY, WISH, **AT)
    record_visit(warden, household.id, cast.TODAY, **AT)
    on = cast.TODAY + timedelta(days=61)
    assert [o.due_on for o in list_overdue(secretary_east, under=cast.EAST, on=on)] == [
        cast.TODAY + timedelta(days=60)
    ]
    assert date(2027, 1, 22) == cast.TODAY + timedelta(days=60)
