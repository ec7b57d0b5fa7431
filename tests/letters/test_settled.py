"""Who wrote a letter that waited hears what became of it, and nobody else does."""

from datetime import timedelta

import msgspec
import pytest

from lianhu.accounts.models import Grant
from lianhu.letters.actions.settling import decline, judge_again, take_over
from lianhu.letters.models import Letter
from lianhu.letters.queries.settled import list_settled
from lianhu.phone import parcels as depot
from tests import cast
from tests.letters.helpers import REPORT, incoming, send, text_of
from tests.matters.helpers import AT

SINCE = cast.NOON - timedelta(days=30)


@pytest.fixture
def held(warden):
    """Three letters of a place that is not hers, waiting in West."""
    device, _ = cast.make_device(warden)
    answers = send(
        device,
        *[
            incoming(text_of(place=cast.WEST_GRID, **REPORT | {"words": f"外村的事 {n}"}))
            for n in range(3)
        ],
    )
    return [Letter.objects.get(id=answer.id) for answer in answers]


def _told(actor):
    return [(one.id, one.taken, one.words) for one in list_settled(actor, since=SINCE)]


def test_list_settled_says_what_became_of_each(
    held, secretary_west, warden, member, django_assert_num_queries
):
    first, second, third = held
    assert _told(warden) == []
    decline(secretary_west, first.id, "这是外村的事", at=cast.NOON)
    later = cast.NOON + timedelta(minutes=1)
    take_over(secretary_west, second.id, cast.WEST_GRID, "environment", "河堤", at=later)
    with django_assert_num_queries(1):
        assert _told(warden) == [
            (second.id, True, "已代为登记"), (first.id, False, "这是外村的事")
        ]  # fmt: skip
    assert _told(member) == _told(secretary_west) == []
    Grant.objects.filter(user_id=warden.id).update(place_id=cast.WEST_GRID)
    again = cast.NOON + timedelta(minutes=2)
    judge_again(secretary_west, third.id, cast.actor_again(warden.id), at=again)
    with django_assert_num_queries(1):
        assert _told(warden)[0] == (third.id, True, "重新判断，已入库")
    assert list_settled(warden, since=again + timedelta(seconds=1)) == []


def test_a_settled_letter_is_told_with_the_next_pull(held, secretary_west, warden):
    version = depot.own_version(warden)
    decline(secretary_west, held[0].id, "这是外村的事", **AT)
    assert depot.own_version(warden) > version
    own = msgspec.json.decode(depot.own_matters(warden, 1, **AT))
    assert own["letters"] == [
        {"id": str(held[0].id), "taken": False, "words": "这是外村的事",
         "at": "2026-11-23T12:00:00+08:00"}
    ]  # fmt: skip
    assert msgspec.json.decode(depot.own_matters(secretary_west, 1, **AT))["letters"] == []


def test_a_copy_under_a_taken_id_is_not_told_as_another_letter(
    held, secretary_west, warden, secretary_east
):
    device = held[0].device
    send(device, incoming(text_of(), letter_id=held[0].id))
    copy = Letter.objects.get(copy_of=held[0])
    decline(secretary_east, copy.id, "重复", **AT)
    assert _told(warden) == []
