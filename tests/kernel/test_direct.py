"""Rows written without the ORM are the very rows that it would have written."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from lianhu.audit.models import Entry
from lianhu.kernel.direct import (
    as_moment,
    as_uuid,
    insert_new_objects,
    insert_objects,
    read_rows,
)
from lianhu.letters.models import Letter
from lianhu.matters.models import Matter, Step
from tests import cast
from tests.letters.helpers import incoming


def _matter(warden, household, **fields):
    """A matter with every column filled in some way, unsaved."""
    made = cast.make_matter(warden, household_id=household.id, lon=108.5, lat=32.9)
    values = Matter.objects.values().get(id=made.id)
    values |= {"id": uuid4(), "ref": uuid4().hex[:10].upper(), "closed_at": cast.NOON, "score": 5,
               "waiting_since": cast.TODAY, "reporter_phone_sealed": b"\x00\xff", **fields}  # fmt: skip
    return Matter(**values)


def test_insert_objects_writes_what_save_writes(warden, household):
    one, other = _matter(warden, household), _matter(warden, household)
    other.id, other.ref = uuid4(), "0TH3R"
    one.save(force_insert=True)
    insert_objects([other])
    rows = [Matter.objects.values().get(id=m.id) for m in (one, other)]
    for row in rows:
        row["reporter_phone_sealed"] = bytes(row["reporter_phone_sealed"])
        del row["id"], row["ref"]
    assert rows[0] == rows[1]


def test_insert_objects_lets_the_database_count_and_keeps_json(places):
    entries = [
        Entry(at=cast.NOON, actor_id=uuid4(), actor_name="某", verb="a.b", object_kind="c",
              object_id=str(n), place_id=cast.EAST, facts={"字": [n, None, "'"]})
        for n in range(2)
    ]  # fmt: skip
    insert_objects(entries)
    found = Entry.objects.filter(verb="a.b").order_by("id")
    assert [(e.at, e.object_id, e.facts) for e in found] == [
        (cast.NOON, "0", {"字": [0, None, "'"]}), (cast.NOON, "1", {"字": [1, None, "'"]})
    ]  # fmt: skip


def test_insert_objects_of_nothing_asks_nothing(places, django_assert_num_queries):
    with django_assert_num_queries(0):
        insert_objects([])


def test_insert_objects_keeps_the_databases_constraints(warden, household):
    made = cast.make_matter(warden)
    step = Step.objects.get(matter=made)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_objects(
            [Step(matter=made, number=1, verb="add", at=cast.NOON, actor_id=step.id)]
        )
    closed = _matter(warden, household, stage="closed", is_open=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_objects([closed])


def test_insert_new_objects_passes_over_keys_that_are_taken(warden):
    device, _ = cast.make_device(warden)

    def row(letter):
        return Letter(
            id=letter.id, text_sealed=b"-", text_index=b"-", user_id=warden.id,
            device_id=device.id, place_id=cast.EAST_GRID, row_class="ordinary",
            received_at=timezone.now(),
        )  # fmt: skip

    first, second = incoming(), incoming()
    assert insert_new_objects([row(first)]) == {first.id}
    assert insert_new_objects([row(first), row(second)]) == {second.id}
    assert Letter.objects.count() == 2


def test_what_is_read_back_is_what_was_written(warden):
    device, _ = cast.make_device(warden)
    ((key, moment),) = read_rows("SELECT id, seen_at FROM accounts_device")
    assert (as_uuid(key), as_moment(moment)) == (device.id, device.seen_at)
