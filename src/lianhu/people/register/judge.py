"""Judge one person's row: every field by itself, then against the ID number."""

from lianhu.people.register import cells as read_cell
from lianhu.people.register.book import Book
from lianhu.people.register.cells import Cell, limit, tight
from lianhu.people.register.dates import birth
from lianhu.people.register.findings import Home, Person, Problem
from lianhu.people.register.households import HEAD
from lianhu.people.register.identity import Judged, judge
from lianhu.people.register.situation import Situation, Situations

# Carried down from the row above; then the person's own fields.
CARRIED = ("town", "village", "group", "village_group", "address", "household", "head_name")
OWN = ("name", "relation", "id_number", "sex", "birth", "phones", "away", "remark")
VILLAGE, GROUP, JOINED, ADDRESS, NUMBER, HEAD_NAME = range(1, len(CARRIED))
NAME, RELATION, ID_NUMBER, SEX, BIRTH, PHONES, AWAY, REMARK = range(
    len(CARRIED), len(CARRIED) + len(OWN)
)
RUNS = "=+-@"
NO_ID = Judged(None, "")
Cells = tuple[Cell, ...]


class Judge:
    """Judges the persons under one header."""

    def __init__(
        self, book: Book, sheet: str, situations: Situations, columns: set[str], mac: bool
    ) -> None:
        """`columns`: the fields that the header has; `mac`: serial days count from 1904."""
        self._book = book
        self._sheet = sheet
        self._situations = situations
        self._mac = mac
        self._has_id = "id_number" in columns
        self._has_relation = "relation" in columns
        self._has_head = "head_name" in columns

    def person(self, row: int, cells: Cells, carried: list[str], wrote: int) -> None:
        """Take one row, or refuse it with its one problem."""
        book = self._book
        situation = self._situations.of(carried[0], carried[1], carried[2], carried[3])
        name, plain = read_cell.name(cells[NAME])
        relation = self._relation(cells, name, carried)
        home = self._home(row, situation, carried, relation)
        if not name:
            self._say(row, "name", "name_missing")
            return
        judged = judge(cells[ID_NUMBER], book.compact_today) if self._has_id else NO_ID
        shared: Person | None = None
        if judged.number and (first := book.seen.get(judged.number)):
            if first.name == name:
                self._repeated(row, first, home)
                return
            shared, judged = first, Judged(None, "id_shared")
        person = Person(
            self._sheet, row, home, name, judged.number, False, relation, None, None,
            situation.group, situation.village, [], None,
        )  # fmt: skip
        book.persons.append(person)
        if judged.number:
            book.seen[judged.number] = person
        if judged.kind:
            self._say(row, "id_number", judged.kind, shared)
        if not plain:
            self._say(row, "name", "name_odd")
        if relation == HEAD and (second := book.households.seat(person)):
            book.problems.append(second)
        if situation.faulty:
            self._place(row, situation, carried, wrote)
        self._birth_and_sex(person, cells)
        self._rest(person, cells)

    def _relation(self, cells: Cells, name: str, carried: list[str]) -> str | None:
        """The relation; without such a column who bears the head's name is the head."""
        if self._has_relation:
            return read_cell.relation(cells[RELATION])
        same = name and name == tight(carried[HEAD_NAME])
        return HEAD if same else None

    def _home(
        self, row: int, situation: Situation, carried: list[str], relation: str | None
    ) -> int:
        """The household of the row, made if it is the first of it."""
        households = self._book.households
        head_name = tight(carried[HEAD_NAME])
        home = households.place(situation, carried[NUMBER], head_name, relation)
        if home == len(households.homes):
            households.homes.append(
                Home(
                    carried[NUMBER], head_name, situation.village, situation.group,
                    carried[ADDRESS], self._sheet, row,
                )
            )  # fmt: skip
            if not (self._has_relation or self._has_head):
                households.headless_allowed.add(home)
        return home

    def _repeated(self, row: int, first: Person, home: int) -> None:
        if first.household == home:
            self._say(row, "id_number", "duplicate_in_file")
        else:
            self._say(row, "id_number", "person_in_two_households", first)

    def _say(self, row: int, field: str, kind: str, also: Person | None = None) -> None:
        at = (also.sheet, also.row) if also else ()
        self._book.problems.append(Problem(self._sheet, row, field, kind, also_at=at))

    def _place(self, row: int, situation: Situation, carried: list[str], wrote: int) -> None:
        """Report a wrong village or group where its cell is written, not where it is carried."""
        village = VILLAGE if carried[VILLAGE] else JOINED
        if situation.village_kind and wrote >> village & 1:
            self._say(row, "village", situation.village_kind)
        group = GROUP if carried[GROUP] else JOINED if carried[JOINED] else VILLAGE
        if situation.group_kind and wrote >> group & 1:
            self._say(row, "group", situation.group_kind)

    def _birth_and_sex(self, person: Person, cells: Cells) -> None:
        """A good ID decides; a column that says otherwise is flagged."""
        born = birth(cells[BIRTH], self._book.today, self._mac)
        sex = read_cell.sex(cells[SEX])
        number = person.id_number
        if number is None:
            person.birth, person.sex = born.value, sex
            if born.kind:
                self._say(person.row, "birth", born.kind)
            return
        person.birth = day = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
        person.sex = "1" if number[16] in "13579" else "2"
        if born.kind == "bad_date":
            self._say(person.row, "birth", "bad_date")
        elif (born.value and not day.startswith(born.value)) or (
            born.months and day[:7] not in born.months
        ):
            self._say(person.row, "birth", "birth_conflict")
        if sex and sex != person.sex:
            self._say(person.row, "sex", "sex_conflict")

    def _rest(self, person: Person, cells: Cells) -> None:
        if cells[PHONES] != "":
            person.phones, good = read_cell.phones(cells[PHONES])
            if not good:
                self._say(person.row, "phones", "bad_phone")
        person.away, known = read_cell.flag(cells[AWAY])
        if not known:
            self._say(person.row, "away", "bad_flag")
        remark = cells[REMARK]
        if remark and isinstance(remark, str):
            self._remark(person.row, remark)

    def _remark(self, row: int, remark: str) -> None:
        said = remark.strip()
        if len(said) > 1 and said[0] in RUNS and said.strip("-"):
            self._say(row, "remark", "formula_text")
        if len(remark) > limit("longest_text"):
            self._say(row, "remark", "text_too_long")
