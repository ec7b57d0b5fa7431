"""Match a register that was read with what is there already, so that nothing is written twice.

The same person: the same ID number (by its blind index), or the same name in the same household
where either has no ID number. The same household: the same number in the same group; else the one
that its known members are of; else, where it has no number, the same head in the same group.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar
from uuid import UUID

from lianhu.kernel.seal import blinds
from lianhu.people.models import Household, Person
from lianhu.people.register.findings import Home, Register
from lianhu.people.register.households import number_key
from lianhu.territory.queries import within

NEW, KNOWN, ELSEWHERE = range(3)
GROUP, VILLAGE = 14, 12
CHUNK = 5_000
Item = TypeVar("Item")
# The household of a person, its place, and whether it has ended.
There: TypeAlias = tuple[UUID, str, bool]


@dataclass(slots=True)
class Match:
    """For each household the one that is there already, for each person NEW, KNOWN or ELSEWHERE
    (there already, in another household)."""

    homes: list[UUID | None]
    persons: list[int]

    def count(self, status: int) -> int:
        """How many persons have a status."""
        return self.persons.count(status)


def head_names(register: Register) -> list[str]:
    """The name under which each household is kept: the head's, as the register has it, else the
    one that its column for it says, else the first member's."""
    found = {p.household: p.name for p in reversed(register.rows)}
    found |= {n: home.head_name for n, home in enumerate(register.homes, 1) if home.head_name}
    found |= {p.household: p.name for p in register.rows if p.head}
    return [found[number] for number in range(1, len(register.homes) + 1)]


def match_register(register: Register, codes: Sequence[str], place: str) -> Match:
    """Match households (`codes`: the place of each) and persons, all below `place`."""
    match = Match([None] * len(register.homes), [NEW] * len(register.rows))
    # scoped by the caller: only whether a person or household is there already.
    if not Household.objects.exists():
        return match
    known, ids = _persons_by_number([p.id_number or "" for p in register.rows])
    numbered, headed = _households(place)
    members: defaultdict[int, list[int]] = defaultdict(list)
    for row, person in enumerate(register.rows):
        members[person.household - 1].append(row)
    heads = head_names(register)
    for number, home in enumerate(register.homes):
        there = (known.get(register.rows[row].id_number or "") for row in members[number])
        among = {found for found in there if found and not found[2]}
        group = codes[number][:GROUP]
        found = _home(home, heads[number], codes[number], numbered, among)
        if found is None and not home.number:
            found = headed.get((group, heads[number]))
        match.homes[number] = found
        for row in members[number]:
            if living := known.get(register.rows[row].id_number or ""):
                same = living[0] == found
                match.persons[row] = KNOWN if same else ELSEWHERE
    _match_names(register, match, ids)
    return match


def _persons_by_number(numbers: list[str]) -> tuple[dict[str, There], set[int]]:
    """Where each person with one of these ID numbers is, and the identifiers of all that have
    one; of two registrations the living one.

    Who ended counts as there too: an import brings nobody back from the dead.
    """
    found: dict[str, There] = {}
    ids: set[int] = set()
    homes: dict[tuple[UUID, bool], There] = {}  # one value for all members: memory
    for chunk in _chunks([number for number in numbers if number]):
        # Anew for each chunk: versions of the ring may change meanwhile.
        asked = {index: number for number in chunk for index in blinds(number, "person.id")}
        # scoped by the caller: only whether a person is there already.
        rows = Person.objects.filter(id_index__in=list(asked)).values_list(
            "id", "id_index", "household_id", "place_id", "ended_on", "household__ended_on"
        )
        for key, index, household, place, gone, over in rows.iterator(chunk_size=CHUNK):
            number = asked[bytes(index)]
            ids.add(key.int)
            if gone is None or number not in found:
                there = (household, place, over is not None)
                found[number] = homes.setdefault((household, there[2]), there)
    return found, ids


def _chunks(items: list[Item]) -> Iterator[list[Item]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]


Keyed = dict[tuple[str, ...], UUID]


def _number_key(place: str, number: str, head: str) -> tuple[str, ...]:
    """What tells numbered households apart: numbers start again in each group, so where no group
    is known the head's name must fit too."""
    return place[:GROUP], number_key(number), "" if len(place) >= GROUP else head


def _households(place: str) -> tuple[Keyed, Keyed]:
    """Living households below a place by group and number, and by group and head if without."""
    numbered: Keyed = {}
    headed: Keyed = {}
    # scoped by the caller: only whether a household is there already.
    rows = Household.objects.filter(within([place]), ended_on=None).order_by("id")
    columns = rows.values_list("id", "place_id", "code", "head_name")
    for key, where, code, head in columns.iterator(chunk_size=CHUNK):
        if code:
            numbered.setdefault(_number_key(where, code, head), key)
        else:
            headed.setdefault((where[:GROUP], head), key)
    return numbered, headed


def _home(home: Home, head: str, code: str, numbered: Keyed, among: set[There]) -> UUID | None:
    """The household that has the number, or that the known members are of."""
    if home.number:
        found = numbered.get(_number_key(code, home.number, head))
        if found:
            return found
    if len(among) == 1:
        household, where, _ = next(iter(among))
        if where[:VILLAGE] == code[:VILLAGE]:
            return household
    return None


def _match_names(
    register: Register,
    match: Match,
    known: set[int],
) -> None:
    """Find persons by name in their household, where either side has no ID number."""
    left: defaultdict[UUID, list[int]] = defaultdict(list)
    for row, person in enumerate(register.rows):
        home = match.homes[person.household - 1]
        if home and match.persons[row] == NEW:
            left[home].append(row)
    named: Counter[tuple[UUID, str, bool]] = Counter()
    for chunk in _chunks(list(left)):
        # scoped by the caller: only whether a person is there already.
        rows = Person.objects.filter(household_id__in=chunk)
        columns = rows.values_list("id", "household_id", "name", "id_index")
        for key, home, name, index in columns.iterator(chunk_size=CHUNK):
            if key.int not in known:
                named[home, name, bool(index)] += 1
    for home, members in left.items():
        for row in members:
            name, number = register.rows[row].name, register.rows[row].id_number
            for has_id in (False, True) if not number else (False,):
                if named[home, name, has_id] and match.persons[row] == NEW:
                    named[home, name, has_id] -= 1
                    match.persons[row] = KNOWN
