"""The same seed gives the same county."""

from contextlib import suppress
from datetime import date

from django.db import transaction

from lianhu.demo.build import build_county
from lianhu.matters.models import Matter, Step
from lianhu.people.models import Person
from lianhu.visits.models import Visit


def test_the_same_seed_and_day_build_the_same_rows(db: None) -> None:
    def rows() -> list[object]:
        return [
            *Person.objects.order_by("id").values_list("id", "name", "born_on", "place_id"),
            *Matter.objects.order_by("id").values_list("id", "ref", "words", "due_on", "stage"),
            *Step.objects.order_by("id").values_list("id", "verb", "at", "words"),
            *Visit.objects.order_by("id").values_list("id", "on", "words"),
        ]

    class Undo(Exception):  # noqa: N818 - it undoes the first build
        pass

    def build() -> list[object]:
        found: list[object] = []
        with suppress(Undo), transaction.atomic():
            build_county(scale=0.01, seed=7, days=60, today=date(2026, 11, 23), silent=True)
            found = rows()
            raise Undo
        return found

    first = build()
    assert len(first) > 3_000
    assert build() == first
