"""Which letters a phone wrote and the office never saw, and who is asked to help."""

import json
from datetime import timedelta

import pytest

from lianhu.accounts.actions.devices import (
    enrol_device,
    issue_token,
    revoke_device,
    touch_device,
)
from lianhu.accounts.models import Device, User
from lianhu.accounts.queries.actors import actor_for
from lianhu.accounts.rules import Told
from lianhu.audit.models import Entry
from lianhu.kernel.errors import Refusal
from lianhu.letters.actions.asking import note_asked
from lianhu.letters.actions.receiving import receive
from lianhu.letters.queries.unheard import last_number, list_unheard
from lianhu.letters.rules import gaps_of
from tests import cast
from tests.letters.helpers import REPORT, incoming

DAY = timedelta(days=1)
LATER = cast.NOON + 2 * DAY


def letter(number, **body):
    return incoming(
        json.dumps(
            {"kind": "matter.report/1", "device_seq": number, "place": cast.EAST_GRID,
             "captured_at": "2026-11-23T09:41:00+08:00", "body": REPORT | body},
        )
    )  # fmt: skip


def arrived(device, *numbers, at=cast.NOON):
    actor = actor_for(device.user, on=cast.TODAY)
    receive(actor, device.id, [letter(n) for n in numbers], at=at)


def told(device, last, photos=0, at=cast.NOON):
    touch_device(device.id, device.seen_at, Told(), Told(last, photos), at=at)


@pytest.mark.parametrize(
    ("seen", "first", "last", "gaps"),
    [
        ([], 1, 0, []),
        ([], 1, 3, [(1, 3)]),
        ([1, 2, 3], 1, 3, []),
        ([3, 1, 1], 1, 5, [(2, 2), (4, 5)]),
        ([1, 9], 4, 6, [(4, 6)]),
        ([4], 4, 4, []),
    ],
)
def test_gaps_of(seen, first, last, gaps):
    assert gaps_of(seen, first, last) == gaps


def test_list_unheard_gives_what_was_skipped_and_what_the_phone_spoke_of(
    secretary_east, warden
):
    device, _ = cast.make_device(warden)
    arrived(device, 1, 2, 4)
    told(device, 6)
    assert list_unheard(secretary_east, at=LATER - timedelta(seconds=1)) == []
    [found] = list_unheard(secretary_east, at=LATER)
    assert (found.gaps, found.letters, found.numbers) == (((3, 3), (5, 6)), 3, "3、5到6")
    assert (found.device.user.name, found.since, found.photos) == ("陈户长", cast.NOON, 0)
    arrived(device, 3, 5, 6)
    assert list_unheard(secretary_east, at=LATER) == []


def test_list_unheard_names_photos_only_when_the_phone_is_silent(secretary_east, warden):
    device, _ = cast.make_device(warden)
    told(device, 0, 2)
    assert list_unheard(secretary_east, at=cast.NOON + 3 * DAY - timedelta(seconds=1)) == []
    [found] = list_unheard(secretary_east, at=cast.NOON + 3 * DAY)
    assert (found.gaps, found.photos) == ((), 2)


def test_list_unheard_is_for_her_secretary_only(
    secretary_east, secretary_west, officer_town, data_officer, warden
):
    device, _ = cast.make_device(warden)
    told(device, 3)
    assert [len(list_unheard(a, at=LATER)) for a in (secretary_east, secretary_west)] == [1, 0]
    for actor in (officer_town, data_officer, warden):
        assert list_unheard(actor, at=LATER) == []
        with pytest.raises(Refusal, match=r"account\.not_found"):
            note_asked(actor, device.id, at=LATER)
    with pytest.raises(Refusal, match=r"account\.not_found"):
        note_asked(secretary_west, device.id, at=LATER)
    assert Device.objects.get().asked_at is None


def test_a_letter_that_cannot_be_taken_is_no_gap(secretary_east, warden):
    device, _ = cast.make_device(warden)
    actor = actor_for(device.user, on=cast.TODAY)
    wrong = [letter(1, words=""), letter(2, category="nonsense"), letter(3)]
    receive(actor, device.id, wrong, at=cast.NOON)
    assert list_unheard(secretary_east, at=LATER) == []


def test_a_phone_enrolled_again_goes_on_with_its_numbers(secretary_east, warden):
    old, _ = cast.make_device(warden)
    arrived(old, 1, 2)
    told(old, 4)
    user = User.objects.get(id=warden.id)
    token = issue_token(user, made_by=user.id, at=cast.NOON)
    new, _ = enrol_device(token, "手机", "", at=cast.NOON, continues=old.id)
    [found] = list_unheard(secretary_east, at=LATER)
    assert found.gaps == ((3, 4),)
    arrived(new, 3, 4)
    assert list_unheard(secretary_east, at=LATER) == []
    assert (last_number(old.id), last_number(new.id)) == (4, 4)


def test_a_phone_that_changed_hands_begins_where_it_says(secretary_east, warden):
    user = User.objects.get(id=warden.id)
    token = issue_token(user, made_by=user.id, at=cast.NOON)
    device, _ = enrol_device(token, "手机", "", at=cast.NOON, first_seq=58)
    arrived(device, 58)
    assert list_unheard(secretary_east, at=LATER) == []


def test_a_lost_phone_is_still_asked_after_until_somebody_did(secretary_east, warden):
    device, _ = cast.make_device(warden)
    told(device, 2, 1)
    revoke_device(secretary_east, device.id, at=cast.NOON)
    after = cast.NOON + 3 * DAY
    [found] = list_unheard(secretary_east, at=after)
    assert (found.letters, found.photos) == (2, 1)
    note_asked(secretary_east, device.id, at=after)
    assert list_unheard(secretary_east, at=after) == []
    assert Entry.objects.filter(verb="device.ask", object_id=str(device.id)).count() == 1
    told(device, 3, at=after)
    [found] = list_unheard(secretary_east, at=after + 2 * DAY)
    assert found.gaps == ((3, 3),)


def test_list_unheard_asks_as_much_for_one_phone_as_for_three(
    secretary_east, warden, django_assert_num_queries
):
    for number in (1, 3):
        while Device.objects.count() < number:
            device, _ = cast.make_device(warden)
            arrived(device, 1, 3)
        with django_assert_num_queries(3):
            assert len(list_unheard(secretary_east, at=LATER)) == number
