"""The next steps that a page offers are exactly those that the actions take."""

import itertools

import pytest
from django.utils.timezone import localdate

from lianhu.matters.models import Matter
from lianhu.matters.queries.next import TURN, VERBS, next_steps
from lianhu.matters.rules import Stage
from lianhu.territory.queries import reach, reaches
from tests import cast

ALWAYS = {"add", "escalate", "extend", "merge"}


def _at(matter, stage, **fields):
    Matter.objects.filter(id=matter.id).update(
        stage=stage, is_open=stage not in {"closed", "merged"}, **fields
    )
    matter.refresh_from_db()
    return matter


@pytest.mark.parametrize(
    ("stage", "first", "all_of_them"),
    [
        ("reported", "accept", {"accept", "dispatch"} | ALWAYS),
        ("accepted", "dispatch", {"dispatch", "handle", "ask", "answer"} | ALWAYS),
        ("dispatched", "handle", {"dispatch", "handle", "ask", "answer"} | ALWAYS),
        ("handling", "answer", {"dispatch", "handle", "ask", "answer"} | ALWAYS),
        ("waiting", "", {"answer"} | ALWAYS),
        ("answered", "verify", {"verify", "return", "add"}),
        ("verified", "close", {"close"}),
        ("merged", "", set()),
    ],
)
def test_next_steps_of_the_office_that_has_it(
    secretary_east, warden, stage, first, all_of_them
):
    matter = _at(cast.make_matter(warden), stage)
    steps = next_steps(secretary_east, matter, today=cast.TODAY)
    assert (steps.first, set(steps.all)) == (first, all_of_them)


def test_next_steps_keep_handler_and_checker_apart(secretary_east, warden):
    matter = _at(cast.make_matter(warden), "answered", answerer_id=secretary_east.id)
    assert next_steps(secretary_east, matter, today=cast.TODAY).all == ("add",)


def test_next_steps_of_another_office_only_urge_when_late(secretary_east, officer_town, warden):
    matter = cast.make_matter(warden)
    assert next_steps(officer_town, matter, today=matter.due_on).first == ""
    late = matter.due_on.replace(year=matter.due_on.year + 1)
    assert next_steps(officer_town, matter, today=late).first == "escalate"


def test_next_steps_of_a_viewer_and_of_the_next_village(
    leader_county, secretary_west, supervisor, warden
):
    matter = cast.make_matter(warden)
    assert next_steps(leader_county, matter, today=cast.TODAY).all == ("escalate",)
    assert next_steps(secretary_west, matter, today=cast.TODAY).all == ()
    assert next_steps(supervisor, matter, today=cast.TODAY).all == ("add", "extend")


def test_next_steps_offer_to_reopen_within_the_window(secretary_east, warden):
    matter = _at(cast.make_matter(warden), "closed", closed_at=cast.NOON)
    assert next_steps(secretary_east, matter, today=cast.TODAY).all == ("reopen",)
    past = localdate(cast.NOON).replace(year=2027)
    assert next_steps(secretary_east, matter, today=past).all == ()


def test_next_steps_after_the_longest_time_was_approved(secretary_east, warden):
    matter = cast.make_matter(warden)
    _at(matter, "reported", due_on=matter.due_on.replace(year=2027))
    assert "extend" not in next_steps(secretary_east, matter, today=cast.TODAY).all


def test_reaches_says_what_reach_holds(
    secretary_east, secretary_west, officer_town, officer_county, leader_county, handler, warden,
    member, supervisor,
):  # fmt: skip
    actors = [secretary_east, secretary_west, officer_town, officer_county, leader_county,
              handler, warden, member, supervisor]  # fmt: skip
    matters = [
        cast.make_matter(warden),
        cast.make_matter(member, visibility="sensitive"),
        cast.make_matter(warden, category="official.money", visibility="about_official"),
        cast.make_matter(warden, category="official.money", accused_id=officer_county.id),
    ]
    held = cast.make_matter(secretary_east)
    Matter.objects.filter(id=held.id).update(
        office=cast.HOUSING, handler_id=supervisor.id, row_class="sensitive"
    )
    matters.append(Matter.objects.get(id=held.id))
    verbs = sorted({*VERBS.values(), "matter.read"})
    for actor, matter, verb in itertools.product(actors, matters, verbs):
        expected = reach(Matter.objects, actor, verb).filter(id=matter.id).exists()
        assert reaches(actor, matter, verb) is expected, (actor.name, matter.row_class, verb)


def test_every_stage_has_an_answer():
    ended = {Stage.CLOSED, Stage.MERGED}
    assert set(TURN) == set(Stage) - ended
