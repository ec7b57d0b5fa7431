"""Letters that wait for a person: judged again, taken over or left, each once, each in the ledger."""

from datetime import timedelta

import pytest

from lianhu.accounts.models import Grant
from lianhu.audit.models import Entry
from lianhu.letters.actions.settling import decline, judge_again, take_over
from lianhu.letters.models import Letter
from lianhu.letters.queries.waiting import get_waiting, list_waiting
from lianhu.matters.models import Matter
from tests import cast
from tests.letters.helpers import REPORT, incoming, send, text_of
from tests.matters.helpers import AT, code_of


@pytest.fixture
def held(warden):
    """A report from a post since lost, waiting in the village."""
    device, _ = cast.make_device(warden)
    Grant.objects.filter(user_id=warden.id).update(ends_on=cast.TODAY - timedelta(days=1))
    (answer,) = send(device, incoming(media=("a" * 64,)))
    return Letter.objects.get(id=answer.id)


def test_judge_again_with_the_senders_rights_of_today(held, secretary_east, warden):
    again = cast.actor_again(warden.id)
    assert code_of(judge_again, secretary_east, held.id, again) == "place.not_found"
    held.refresh_from_db()
    assert held.outcome == "held"
    Grant.objects.filter(user_id=warden.id).update(ends_on=None)
    letter = judge_again(secretary_east, held.id, cast.actor_again(warden.id), **AT)
    assert (letter.outcome, letter.settled_by) == ("stored", "李东")
    assert Matter.objects.get().id == held.id
    assert not list_waiting(secretary_east).exists()
    entry = Entry.objects.latest("id")
    assert (entry.verb, entry.object_id, entry.place_id) == (
        "letter.settle", str(held.id), cast.EAST_GRID,
    )  # fmt: skip
    again = cast.actor_again(warden.id)
    assert code_of(judge_again, secretary_east, held.id, again) == "letter.not_found"
    assert Matter.objects.count() == 1


def test_judge_again_only_for_its_sender(held, secretary_east, member):
    assert code_of(judge_again, secretary_east, held.id, member) == "letter.not_found"


def test_take_over_enters_it_under_the_settlers_own_rights(held, secretary_east):
    letter = take_over(secretary_east, held.id, cast.EAST_GRID, "environment", "垃圾", **AT)
    matter = Matter.objects.get()
    assert (letter.ref, matter.reporter_id, matter.reporter_name) == (
        matter.ref, secretary_east.id, "陈户长",
    )  # fmt: skip
    assert (matter.origin_kind, matter.origin_id) == ("letter", held.id)
    assert matter.attachments.count() == 1
    args = (held.id, cast.EAST_GRID, "environment", "垃圾")
    assert code_of(take_over, secretary_east, *args) == "letter.not_found"


def test_take_over_refuses_a_place_out_of_reach(held, secretary_east):
    args = (held.id, cast.WEST_GRID, "environment", "垃圾")
    assert code_of(take_over, secretary_east, *args) == "place.not_found"
    assert list_waiting(secretary_east).exists()


def test_decline_keeps_the_letter_and_the_reason(held, secretary_east):
    assert code_of(decline, secretary_east, held.id, " ") == "matter.no_words"
    decline(secretary_east, held.id, "已当面说明", **AT)
    held.refresh_from_db()
    assert (held.outcome, held.settled_words, held.text != "") == (
        "held",
        "已当面说明",
        True,
    )
    assert code_of(decline, secretary_east, held.id, "再") == "letter.not_found"


@pytest.mark.parametrize(
    "who", ["secretary_west", "secretary_neighbour", "warden", "supervisor"]
)
def test_settling_refuses_the_next_village_and_others(request, held, who, warden):
    actor = request.getfixturevalue(who)
    assert code_of(judge_again, actor, held.id, warden) == "letter.not_found"
    assert code_of(decline, actor, held.id, "不办") == "letter.not_found"
    args = (held.id, cast.EAST_GRID, "environment", "垃圾")
    assert code_of(take_over, actor, *args) == "letter.not_found"
    assert code_of(lambda at: get_waiting(actor, held.id)) == "letter.not_found"


def test_a_confidential_letter_is_settled_quietly_at_the_county(
    warden, officer_county, data_officer
):
    device, _ = cast.make_device(warden)
    body = REPORT | {"visibility": "about_official"}
    (answer,) = send(device, incoming(text_of(place=cast.WEST_GRID, **body)))
    assert code_of(decline, data_officer, answer.id, "不办") == "letter.not_found"
    decline(officer_county, answer.id, "已转信访", **AT)
    entry = Entry.objects.latest("id")
    assert (entry.row_class, entry.place_id) == ("about_official", cast.COUNTY)
