"""A report about an official goes past village, town and the accused, in every query there is."""

from datetime import timedelta

import pytest
from django.db import connection

from lianhu.audit.queries import versions
from lianhu.matters.actions.report import add_to_matter
from lianhu.matters.actions.steps import accept_matter, dispatch_matter, handle_matter
from lianhu.matters.models import Matter
from lianhu.matters.queries.counts import count_below, count_published, count_turn
from lianhu.matters.queries.lists import (
    Filter,
    find_similar,
    list_matters,
    list_of_household,
    list_own,
    open_of_grids,
)
from lianhu.matters.queries.one import get_matter, read_matter
from lianhu.phone.parcels import own_grids, own_matters, parcels
from lianhu.territory.models import RowClass
from lianhu.territory.queries import reach, reaches
from lianhu.territory.queries.ledger import entries_about, list_entries
from lianhu.visits.actions import record_visit
from lianhu.visits.models import Visit
from lianhu.visits.queries import list_visits
from tests import cast
from tests.matters.helpers import AT, code_of

WORDS = "村支书卖了集体的水泥"
VERBS = (
    "matter.read", "matter.add", "matter.accept", "matter.dispatch", "matter.handle",
    "matter.verify", "matter.close", "matter.escalate", "matter.merge", "matter.rate",
)  # fmt: skip
BLIND = [
    "secretary_east", "secretary_west", "officer_town", "leader_county", "member", "deputy",
    "supervisor", "representative", "handler", "data_officer", "resident", "accused",
]  # fmt: skip


@pytest.fixture
def accused(places):
    """He sits in the very office that gets the report."""
    return cast.make_actor("被反映", ("county", cast.COUNTY, cast.DISCIPLINE))


@pytest.fixture
def matter(warden, accused, household, officer_county):
    made = cast.make_matter(
        warden, category="official.money", words=WORDS, household_id=household.id,
        accused_id=accused.id, about="村支书",
    )  # fmt: skip
    accept_matter(officer_county, made.id, **AT)
    dispatch_matter(officer_county, made.id, cast.DISCIPLINE, WORDS, **AT)
    handle_matter(officer_county, made.id, WORDS, **AT)
    return made


def _shown(actor, matter):
    """Names of the queries that show the matter, or count it, to an actor."""
    today = cast.TODAY + timedelta(days=1)
    far = cast.TODAY + timedelta(days=90)
    rows = {f"list {q} {s}": list_matters(actor, Filter(queue=q, state=s), today=today)
            for q in ("mine", "office", "under") for s in ("open", "all")}  # fmt: skip
    rows |= {
        "search": list_matters(actor, Filter(words="集体的水泥", state="all"), today=today),
        "code": list_matters(actor, Filter(words=matter.ref, state="all"), today=today),
        "late": list_matters(actor, Filter(late="late"), today=far),
        "own": list_own(actor, since=cast.NOON - timedelta(days=1)),
        "household": list_of_household(actor, matter.household_id),
        "grids": open_of_grids(actor, [cast.EAST_GRID, cast.COUNTY], closed_since=cast.NOON),
        "similar": find_similar(
            actor, cast.EAST_GRID, "official", WORDS, at=cast.NOON, days=30, least=0.1
        ),
    }  # fmt: skip
    found = {name for name, got in rows.items() if any(m.id == matter.id for m in got)}
    found |= {verb for verb in VERBS if reach(Matter.objects, actor, verb).exists()}
    turn = count_turn(actor, under=cast.COUNTY, today=far)
    found |= {"turn"} if turn.open or turn.late or turn.mine else set()
    below = count_below(actor, [cast.COUNTY], under=cast.COUNTY, today=far)
    found |= {"below"} if below[cast.COUNTY].open else set()
    found |= (
        {"ledger"} if any(e.object_id == str(matter.id) for e in list_entries(actor)) else set()
    )
    found |= {"about"} if entries_about(actor, [str(matter.id)]).exists() else set()
    for name, read in (("get", get_matter), ("read", read_matter)):
        found |= set() if code_of_read(read, actor, matter) else {name}
    return found


def code_of_read(read, actor, matter):
    try:
        read(actor, matter.id)
    except Exception as error:
        return error.code
    return ""


@pytest.mark.parametrize("who", BLIND)
def test_no_query_shows_it_to(request, matter, who):
    assert _shown(request.getfixturevalue(who), matter) == set()


def test_its_reporter_sees_just_it(matter, warden):
    shown = _shown(warden, matter)
    assert {"own", "get", "read", "code"} <= shown
    assert "grids" not in shown
    assert "ledger" not in shown


def test_the_county_sees_it_with_its_ledger(matter, officer_county):
    shown = _shown(officer_county, matter)
    assert {"ledger", "about", "search", "get", "list under open", "turn", "below"} <= shown
    assert "grids" not in shown
    assert "similar" not in shown


@pytest.mark.parametrize("who", ["warden", "member", "secretary_east", "deputy"])
def test_no_parcel_holds_it_nor_tells_by_its_version(request, matter, who, warden):
    actor = request.getfixturevalue(who)
    grids = own_grids(actor)
    before = versions(list(grids))
    add_to_matter(warden, matter.id, WORDS, **AT)
    assert versions(list(grids)) == before
    content = b"".join(parcels(actor, grids, at=cast.NOON).values()).decode()
    assert WORDS not in content
    assert str(matter.id) not in content
    assert matter.ref not in content
    own = own_matters(actor, 1, at=cast.NOON).decode()
    assert (WORDS in own) is (who == "warden")


def test_a_visit_does_not_tell_of_the_report_made_on_it(warden, household, secretary_east):
    need = cast.Report(
        place=cast.EAST_GRID, category="official.money", words=WORDS, household_id=household.id
    )
    visit, matter = record_visit(warden, household.id, cast.TODAY, need=need, **AT)
    assert matter.row_class == RowClass.ABOUT_OFFICIAL
    assert [v.matter_id for v in list_visits(secretary_east, under=cast.EAST)] == [None]
    facts = [e.facts for e in list_entries(secretary_east, under=cast.EAST)]
    assert not any(str(matter.id) in str(f) for f in facts)
    assert Visit.objects.get().id == visit.id


def test_published_figures_leave_confidential_matters_out(matter, warden):
    cast.make_matter(warden)
    cast.make_matter(warden, visibility="sensitive")
    day = timedelta(days=1)
    found = count_published(since=cast.NOON - day, until=cast.NOON + day)
    assert found == {cast.EAST: (1, 0)}


def test_the_index_scope_of_a_report_is_the_county_only(matter):
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM matters_search")
        bodies = [str(row[0]) for row in cursor.fetchall()]
    assert len([b for b in bodies if f"p{cast.COUNTY}" in b]) >= 3
    assert not any(f"p{cast.EAST_TOWN}" in body for body in bodies)


def test_steps_refuse_the_village_and_the_accused(request, matter):
    for who in BLIND:
        actor = request.getfixturevalue(who)
        for step in (accept_matter, handle_matter, add_to_matter):
            words = () if step is accept_matter else ("看看",)
            assert code_of(step, actor, matter.id, *words) == "matter.not_found"


@pytest.mark.parametrize("row_class", list(RowClass))
@pytest.mark.parametrize("office", [cast.COMMITTEE, cast.HOUSING, cast.DISCIPLINE])
def test_reaches_judges_a_row_in_hand_as_reach_does(
    request, warden, accused, row_class, office
):
    made = cast.make_matter(warden, visibility=row_class, accused_id=accused.id)
    Matter.objects.filter(id=made.id).update(
        office=office, handler_id=request.getfixturevalue("member").id
    )
    row = Matter.objects.get(id=made.id)
    for who in [*BLIND, "officer_county", "warden", "warden_west", "secretary_neighbour"]:
        actor = request.getfixturevalue(who)
        for verb in VERBS:
            assert (who, verb, reaches(actor, row, verb)) == (
                who, verb, reach(Matter.objects, actor, verb).filter(id=row.id).exists(),
            )  # fmt: skip
