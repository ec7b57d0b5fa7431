"""Many rows in an order, with a few others put among them, read a page at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Merged(Generic[Row]):
    """`many` and `few`, which share no row, in one order: fields that are never null, all
    upwards or all downwards ("-"), the last of them unique.

    A union in the database would say the same, but PostgreSQL sorts the whole of one whose parts
    have a join.
    """

    many: QuerySet[Row]
    few: QuerySet[Row]
    order: Sequence[str]

    def __getitem__(self, wanted: slice) -> list[Row]:
        """The rows of a slice. Two queries, of which one reads all of the few."""
        start, end = wanted.start or 0, wanted.stop
        few = list(self.few.order_by(*self.order))
        # What lies more than all of the few before the slice can only lie before it.
        begin = max(start - len(few), 0)
        near = list(self.many.order_by(*self.order)[begin:end])
        if not few:
            return near
        key = attrgetter(*(name.removeprefix("-") for name in self.order))
        down = self.order[0].startswith("-")
        if begin:
            # Those of the few that come before what was read are before the slice as well.
            kept = [row for row in few if near and _after(key(row), key(near[0]), down=down)]
            begin += len(few) - len(kept)
            few = kept
        both = sorted([*few, *near], key=key, reverse=down)
        return both[start - begin : None if end is None else end - begin]

    def __iter__(self) -> Iterator[Row]:
        return iter(self[:])

    def count(self, most: int | None = None) -> int:
        """How many rows; with `most`, no more than one above it: nobody reads on, and the
        database need not either. Two queries."""
        number = self.few.count()
        if most is None:
            return number + self.many.order_by().count()
        return min(number + self.many.order_by()[: most + 1].count(), most + 1)


def _after(one: Any, other: Any, *, down: bool) -> bool:
    return bool(one < other if down else one > other)
