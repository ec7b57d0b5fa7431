"""What all sheets of one file share while it is read."""

from collections.abc import Callable, Iterable

from lianhu.people.register.findings import Column, Correction, Person, Problem, Register
from lianhu.people.register.households import Households
from lianhu.people.register.places import Places


class Book:
    """A file on the way: rows taken, problems, households, ID numbers seen."""

    def __init__(
        self,
        places: Places,
        today: str,
        corrections: Iterable[Correction] = (),
        tick: Callable[[int], None] | None = None,
    ) -> None:
        """`today` as YYYY-MM-DD; `tick` is told now and then how many persons were taken."""
        self.tick = tick
        self.keep_cells = False
        # For a page that shows the findings: how columns were understood, what cells say.
        self.understood: list[tuple[str, list[Column]]] = []
        self.cells: dict[str, str] = {}
        self.corrections: dict[tuple[str, int], dict[str, str]] = {}
        for made in corrections:
            self.corrections.setdefault((made.sheet, made.row), {})[made.field] = made.value
        self.places = places
        self.today = today
        self.compact_today = today.replace("-", "")
        self.households = Households()
        self.persons: list[Person] = []
        self.seen: dict[str, Person] = {}
        self.problems: list[Problem] = []
        self._headers: list[tuple[str, list[int]]] = []
        self._order: dict[str, int] = {"": -1}

    def end_sheet(self, name: str, hidden: bool, header_rows: list[int]) -> None:
        """Note what kind of sheet was read."""
        self._order.setdefault(name, len(self._order))
        if header_rows and hidden:
            self.problems.append(Problem(name, 0, "sheet", "hidden_sheet"))
        elif header_rows:
            self._headers.append((name, header_rows))

    def register(self, file: str) -> Register:
        """The findings, problems in the order of sheets, rows and fields."""
        self.problems += self.households.settle(self.persons)
        self.problems.sort(key=lambda p: (self._order[p.sheet], p.row, p.field, p.kind))
        if not self._headers:
            self.problems.insert(0, Problem("", 0, "file", "no_register"))
        return Register(
            file, True, self._headers, self.persons, self.problems, self.households.homes
        )
