"""The daily run urges what is late, once; open work moves when somebody leaves."""

from datetime import timedelta

import pytest

from lianhu.audit.models import Entry
from lianhu.daily import run_daily
from lianhu.matters.actions.steps import ask_for_more, handle_matter
from lianhu.matters.actions.supervise import hand_over
from lianhu.matters.models import Matter, Step
from tests import cast
from tests.matters.helpers import AT, accepted, answered, closed, code_of, later


@pytest.mark.parametrize(
    ("fields", "days"),
    [
        ({}, 4),
        ({"category": "dispute.family"}, 15),  # sensitive: late all the same
        ({"category": "official.conduct"}, 61),
    ],
)
def test_escalate_late_urges_every_class_once(warden, fields, days):
    matter = cast.make_matter(warden, **fields)
    due = matter.due_on
    on_time = cast.NOON + (due - cast.TODAY)
    assert run_daily(on_time)["urged"] == 0
    assert run_daily(on_time + timedelta(days=1))["urged"] == 1
    assert run_daily(on_time + timedelta(days=1))["urged"] == 0
    assert run_daily(on_time + timedelta(days=days))["urged"] == 0
    matter.refresh_from_db()
    assert matter.escalations == 1
    assert Step.objects.filter(matter=matter, verb="escalate").count() == 1
    assert Entry.objects.filter(verb="matter.escalate").count() == 1


def test_escalate_late_leaves_alone_what_is_answered_ended_or_waits(
    warden, secretary_east, officer_town
):
    answered(secretary_east, cast.make_matter(warden))
    closed(secretary_east, officer_town, cast.make_matter(warden))
    waiting = accepted(secretary_east, cast.make_matter(warden))
    ask_for_more(secretary_east, waiting.id, "哪里？", **AT)  # its clock stands still
    assert run_daily(later(30)["at"])["urged"] == 0


def test_hand_over_moves_open_work_and_leaves_history(
    warden, secretary_east, officer_town, handler
):
    heir = cast.make_actor("新支书", ("secretary", cast.EAST, cast.COMMITTEE))
    done = closed(secretary_east, officer_town, cast.make_matter(warden))
    mine = accepted(secretary_east, cast.make_matter(warden))
    handle_matter(secretary_east, mine.id, "在办", **AT)
    other = accepted(secretary_east, cast.make_matter(warden))
    handle_matter(officer_town, other.id, "在办", **AT)
    assert hand_over(secretary_east, secretary_east.id, heir.id, under=cast.EAST, **AT) == 1
    handlers = dict(Matter.objects.values_list("id", "handler_id"))
    assert handlers == {
        done.id: secretary_east.id, mine.id: heir.id, other.id: officer_town.id,
    }  # fmt: skip
    entry = Entry.objects.latest("id")
    assert (entry.verb, entry.facts) == (
        "matter.hand_over", {"old": str(secretary_east.id), "new": str(heir.id)},
    )  # fmt: skip


def test_hand_over_refuses_the_next_village(
    warden, secretary_east, secretary_west, officer_town
):
    mine = accepted(secretary_east, cast.make_matter(warden))
    handle_matter(secretary_east, mine.id, "在办", **AT)
    codes = {
        code_of(hand_over, secretary_west, secretary_east.id, secretary_west.id, under=under)
        for under in (cast.EAST, cast.EAST_TOWN, cast.COUNTY)
    }
    assert codes == {"account.not_permitted"}
    assert (
        hand_over(secretary_west, secretary_east.id, secretary_west.id, under=cast.WEST, **AT)
        == 0
    )


def test_hand_over_refuses_an_heir_from_outside(warden, secretary_east, secretary_west):
    mine = accepted(secretary_east, cast.make_matter(warden))
    handle_matter(secretary_east, mine.id, "在办", **AT)
    code = code_of(
        hand_over, secretary_east, secretary_east.id, secretary_west.id, under=cast.EAST
    )
    assert code == "account.not_found"


def test_hand_over_never_gives_a_matter_to_the_accused(warden, officer_county):
    accused = cast.make_actor("被", ("county", cast.COUNTY, cast.DISCIPLINE))
    matter = accepted(
        officer_county,
        cast.make_matter(warden, category="official.conduct", accused_id=accused.id),
    )
    handle_matter(officer_county, matter.id, "在查", **AT)
    assert (
        hand_over(officer_county, officer_county.id, accused.id, under=cast.COUNTY, **AT) == 0
    )
    matter.refresh_from_db()
    assert matter.handler_id == officer_county.id


def test_hand_over_moves_sensitive_work_of_the_leaver_too(warden, secretary_east):
    """Whoever hands over need not read it: else nobody would have it."""
    heir = cast.make_actor("新支书", ("secretary", cast.EAST, cast.COMMITTEE))
    boss = cast.make_actor("赵镇", ("town", cast.EAST_TOWN))
    matter = accepted(secretary_east, cast.make_matter(warden, visibility="sensitive"))
    handle_matter(secretary_east, matter.id, "在办", **AT)
    assert hand_over(boss, secretary_east.id, heir.id, under=cast.EAST, **AT) == 1
    matter.refresh_from_db()
    assert matter.handler_id == heir.id


def test_nobody_gets_at_a_sensitive_matter_by_handing_it_to_himself(warden, secretary_east):
    mediator = cast.make_actor("调", ("committee", cast.EAST, f"{cast.EAST}:mediation"))
    matter = accepted(mediator, cast.make_matter(warden, category="dispute.family"))
    handle_matter(mediator, matter.id, "在调", **AT)
    assert hand_over(secretary_east, mediator.id, secretary_east.id, under=cast.EAST, **AT) == 0
    matter.refresh_from_db()
    assert (matter.handler_id, matter.office) == (None, f"{cast.EAST}:mediation")
    assert code_of(handle_matter, secretary_east, matter.id, "看看") == "matter.not_found"
