"""Which rows make one household, and who is its head."""

from collections import defaultdict

from lianhu.people.register.cells import word
from lianhu.people.register.findings import Home, Person, Problem
from lianhu.people.register.situation import Situation

HEAD = "户主"


def number_key(number: str) -> str:
    """A household number as it is compared: 0001, 1 and 1.0 are one."""
    said = word(number)
    return said.lstrip("0") or "0" if said.isdigit() else said


class Households:
    """Households of a whole file, numbered from 0 as they come; heads as they are found."""

    def __init__(self) -> None:
        self.homes: list[Home] = []
        self.headless_allowed: set[int] = set()
        self._numbered: dict[tuple[str, ...], int] = {}
        self._heads: dict[int, Person] = {}
        self._current = -1
        self._head_name = ""
        self._place = ("", "")

    def new_sheet(self) -> None:
        """Forget what carries over from row to row."""
        self._current, self._head_name, self._place = -1, "", ("", "")

    def place(
        self, situation: Situation, number: str, head_name: str, relation: str | None
    ) -> int:
        """The household of the next row; one past the last when the caller must add it."""
        if number:
            # Where it is not sure whose numbers these are, the head's name tells homes apart.
            unsure = situation.village is None or situation.group is None
            key = (*situation.key, number_key(number), head_name if unsure else "")
            self._current = self._numbered.setdefault(key, len(self.homes))
        elif head_name:
            if self._current < 0 or self._head_name != head_name or self._moved(situation):
                self._current = len(self.homes)
        elif self._current < 0 or relation == HEAD:
            self._current = len(self.homes)
        self._head_name = head_name
        self._place = (situation.village or "", situation.group or "")
        return self._current

    def _moved(self, situation: Situation) -> bool:
        """Whether the place is certainly another than the row before's."""
        now = (situation.village, situation.group)
        return any(a and b and a != b for a, b in zip(now, self._place, strict=True))

    def seat(self, person: Person) -> Problem | None:
        """Make a person who is 户主 the head; the problem if the household has one already."""
        first = self._heads.setdefault(person.household, person)
        if first is person:
            person.head = True
            return None
        person.relation = None
        same = first.sheet == person.sheet
        return Problem(
            person.sheet, person.row, "relation", "two_heads",
            also_rows=[first.row] if same else [],
            also_at=() if same else (first.sheet, first.row),
        )  # fmt: skip

    def settle(self, persons: list[Person]) -> list[Problem]:
        """Number the households that kept somebody from 1 by first appearance; who has no head?"""
        numbers: dict[int, int] = {}
        headless: defaultdict[int, list[Person]] = defaultdict(list)
        for person in persons:
            home = person.household
            if home not in self._heads and home not in self.headless_allowed:
                headless[home].append(person)
            person.household = numbers.setdefault(home, len(numbers) + 1)
        self.homes = [self.homes[home] for home in numbers]
        return [
            Problem(
                first.sheet, first.row, "relation", "no_head",
                also_rows=[p.row for p in rest if p.sheet == first.sheet],
            )
            for first, *rest in headless.values()
        ]  # fmt: skip
