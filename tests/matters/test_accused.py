"""Who of the staff a report is about: named by the county, and from then on blind to it."""

import pytest

from lianhu.matters.actions.accused import name_accused
from lianhu.matters.actions.report import add_to_matter
from lianhu.matters.actions.steps import (
    accept_matter,
    answer_matter,
    ask_for_more,
    dispatch_matter,
    handle_matter,
    reopen_matter,
)
from lianhu.matters.actions.supervise import escalate_matter, merge_matter
from lianhu.matters.models import Matter
from lianhu.matters.queries.lists import Filter, list_matters
from lianhu.matters.queries.next import next_steps
from lianhu.matters.queries.one import may_name_accused, tells_code
from lianhu.phone.parcels import own_version
from lianhu.territory.queries import reach
from lianhu.territory.queries.ledger import entries_about, list_entries
from tests import cast
from tests.matters.helpers import AT, accepted, closed, code_of, last_entry


@pytest.fixture
def official(places):
    """He sits in the very office that gets the report."""
    return cast.make_actor("被反映", ("county", cast.COUNTY, cast.DISCIPLINE))


@pytest.fixture
def matter(warden):
    return cast.make_matter(warden, category="official.money", words="账不清", about="某干部")


def _sees(actor, matter):
    listed = list_matters(actor, Filter(queue="under", state="all"), today=cast.TODAY)
    entries = [e.object_id for e in list_entries(actor)]
    return (
        reach(Matter.objects, actor, "matter.read").filter(id=matter.id).exists(),
        matter.id in [m.id for m in listed],
        str(matter.id) in entries,
        entries_about(actor, [str(matter.id)]).exists(),
    )


def test_name_accused_hides_it_from_him_with_all_that_was_noted_before(
    matter, official, officer_county
):
    accepted(official, matter)
    assert _sees(official, matter) == (True, True, True, True)
    name_accused(officer_county, matter.id, official.id, **AT)
    assert _sees(official, matter) == (False, False, False, False)
    assert _sees(officer_county, matter) == (True, True, True, True)
    assert last_entry() == (
        "matter.name_accused", str(matter.id), cast.COUNTY, "about_official",
        {"accused": str(official.id)},
    )  # fmt: skip


def test_name_accused_takes_the_work_from_him(matter, official, officer_county):
    accepted(officer_county, matter)
    dispatch_matter(officer_county, matter.id, cast.DISCIPLINE, handler_id=official.id, **AT)
    handle_matter(official, matter.id, "我来办", **AT)
    assert name_accused(officer_county, matter.id, official.id, **AT).handler_id is None


@pytest.mark.parametrize(
    "who",
    ["warden", "secretary_east", "secretary_west", "secretary_neighbour", "officer_town",
     "supervisor", "leader_county", "data_officer", "official"],
)  # fmt: skip
def test_name_accused_refuses_his_village_and_every_other(
    request, matter, secretary_east, officer_county, official, who
):
    named = official if who == "official" else secretary_east
    name_accused(officer_county, matter.id, named.id, **AT)
    actor = request.getfixturevalue(who)
    assert code_of(name_accused, actor, matter.id, officer_county.id) == "matter.not_found"
    matter.refresh_from_db()
    assert matter.accused_id == named.id
    assert not may_name_accused(actor, matter)
    if who != "warden":  # she reported it
        assert _sees(actor, matter) == (False, False, False, False)


def test_name_accused_is_for_reports_about_officials(warden, officer_county, secretary_east):
    plain = cast.make_matter(warden)
    found = code_of(name_accused, officer_county, plain.id, secretary_east.id)
    assert found == "matter.not_about_official"
    assert not may_name_accused(officer_county, plain)


def test_name_accused_refuses_oneself_and_whoever_has_no_post(matter, officer_county, places):
    assert may_name_accused(officer_county, matter)
    stranger = cast.make_user("无职").id
    assert code_of(name_accused, officer_county, matter.id, stranger) == "account.not_found"
    own = code_of(name_accused, officer_county, matter.id, officer_county.id)
    assert own == "matter.names_oneself"


def test_name_accused_can_be_mended(matter, official, officer_county, secretary_east):
    name_accused(officer_county, matter.id, official.id, **AT)
    assert name_accused(officer_county, matter.id, None, **AT).accused_id is None
    assert _sees(official, matter)[:2] == (True, True)
    name_accused(officer_county, matter.id, secretary_east.id, **AT)
    assert Matter.objects.get().accused_id == secretary_east.id


def test_reopen_matter_refuses_whoever_did_the_work_where_residents_ask(
    warden, secretary_east, officer_town, member
):
    matter = closed(secretary_east, officer_town, cast.make_matter(warden))
    for who in (secretary_east, officer_town):
        found = code_of(reopen_matter, warden, matter, "没办好", by=who.id)
        assert found == "matter.reopens_own_work"
    assert reopen_matter(warden, matter, "没办好", by=member.id, **AT).reopenings == 1


def test_tells_code_to_nobody_who_verified(
    warden, secretary_east, officer_town, officer_county
):
    matter = cast.make_matter(warden)
    assert tells_code(officer_town, matter)
    matter = closed(secretary_east, officer_town, matter)
    assert not tells_code(officer_town, matter)
    assert tells_code(officer_county, matter)


def test_what_happens_afterwards_moves_no_version_of_his_own(places, officer_county):
    official = cast.make_actor("被反映", ("secretary", cast.EAST))
    matter = cast.make_matter(official, category="official.money", words="账不清")
    name_accused(officer_county, matter.id, official.id, **AT)
    before = own_version(official)
    accepted(officer_county, matter)
    name_accused(officer_county, matter.id, official.id, **AT)
    assert own_version(official) == before


@pytest.mark.parametrize(
    ("step", "rest"),
    [(accept_matter, ()), (dispatch_matter, (cast.DISCIPLINE,)), (handle_matter, ("好了",)),
     (ask_for_more, ("?",)), (answer_matter, ("没有这事",)), (escalate_matter, ())],
)  # fmt: skip
def test_whoever_took_it_down_in_the_village_only_reads_and_adds(
    secretary_east, step, rest, officer_county
):
    matter = cast.make_matter(secretary_east, category="official.money", words="账不清")
    assert code_of(step, secretary_east, matter.id, *rest) == "matter.not_found"
    assert next_steps(secretary_east, matter, today=cast.TODAY).all == ("add",)
    assert add_to_matter(secretary_east, matter.id, "还有一笔", **AT).step_count == 2
    assert accepted(officer_county, matter).stage == "accepted"


def test_merge_matter_refuses_two_reports_of_whoever_took_them_down(secretary_east):
    one, other = (
        cast.make_matter(secretary_east, category="official.money", words=words)
        for words in ("账不清", "账还是不清")
    )
    assert code_of(merge_matter, secretary_east, one.id, other.id) == "matter.not_found"
