"""Many rows at once: every value as the ORM would have written it, in chunks of whatever size."""

from datetime import date
from uuid import uuid4

import pytest

from lianhu.kernel import bulk
from lianhu.people.models import Household, Person
from lianhu.visits.models import Visit
from tests import cast

pytestmark = pytest.mark.django_db
HOME = ("id", "place_id", "code", "head_name", "lon", "size")
PERSON = ("id", "household_id", "place_id", "name", "born_on", "residence")
VISIT = ("id", "place_id", "household_id", "visitor_id", "visitor_name", "on", "received_at")


def test_rows_in_chunks_are_what_the_orm_reads(places, monkeypatch):
    monkeypatch.setattr(bulk, "CHUNK", 5)
    for count in (0, 5, 6, 11):
        homes = [
            (uuid4(), cast.EAST_GRID, f"{n}", f"张{n}", None if n % 2 else 108.5, n)
            for n in range(count)
        ]
        assert bulk.insert_rows(Household, HOME, iter(homes)) == count
        kept = Household.objects.filter(id__in=[home[0] for home in homes])
        assert list(kept.order_by("size").values_list(*HOME)) == homes


def test_none_stays_none_and_what_is_not_named_is_the_models_own(household):
    born = {uuid4(): None, uuid4(): date(1955, 3, 1)}
    rows = [
        (key, household.id, household.place_id, "李", day, "home") for key, day in born.items()
    ]
    assert bulk.insert_rows(Person, PERSON, rows) == 2
    for person in Person.objects.filter(id__in=list(born)):
        assert (person.born_on, person.household_id) == (born[person.id], household.id)
        assert (person.version, bytes(person.id_index)) == (Person().version, b"")
        assert person.ended_on is None


def test_a_default_that_the_database_wants_in_another_form_is_one(household, warden):
    row = (
        uuid4(), household.place_id, household.id, warden.id, warden.name, cast.TODAY, cast.NOON,
    )  # fmt: skip
    assert bulk.insert_rows(Visit, VISIT, [row]) == 1
    visit = Visit.objects.get(id=row[0])
    assert tuple(getattr(visit, name) for name in VISIT) == row
    assert (visit.duties, visit.matter_id) == ([], None)
