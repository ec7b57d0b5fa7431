"""Where the households of a register go: the group's only grid, else the group, the village, or
the place the import is for."""

from collections import defaultdict

from django.db import OperationalError, ProgrammingError

from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.people.register.findings import Home
from lianhu.territory.actions import load_places, make_place
from lianhu.territory.models import Level, Place
from lianhu.territory.queries import get_place, within

VILLAGE, GROUP = 12, 14
NUMERALS = "零一二三四五六七八九"


class Placing:
    """Codes for the households of one import; remembers the groups that do not exist yet."""

    def __init__(self, place: str) -> None:
        """Read the places below `place`; refuses ``place.not_found``. Two queries."""
        self.place = get_place(place).code if len(place) <= VILLAGE else place
        self.new_groups: set[str] = set()
        self._villages: set[str] = set()
        self._groups: set[str] = set()
        self._grids: defaultdict[str, list[str]] = defaultdict(list)
        # open to all: the divisions of the country are public.
        rows = Place.objects.filter(within([self.place[:VILLAGE]], "code"))
        for code, level, ended in rows.values_list("code", "level", "ended_on"):
            if level == Level.VILLAGE:
                self._villages.add(code)
            elif level == Level.GROUP:
                self._groups.add(code)
            elif level == Level.GRID and ended is None:
                self._grids[code[:GROUP]].append(code)

    def code_of(self, home: Home) -> str:
        """The place of a household; refuses ``register.elsewhere`` for one of another place than
        the import is for, ``place.not_found`` for a village that is not there."""
        village = home.village_code or self.place[:VILLAGE]
        if len(village) < VILLAGE:
            return self.place
        if not village.startswith(self.place[:VILLAGE]):
            raise Refusal("register.elsewhere", sheet=home.sheet, row=home.row)
        if village not in self._villages:
            raise NotPermitted("place.not_found", place=village)
        group = village + (home.group or self.place[VILLAGE:GROUP])
        if len(group) < GROUP:
            return village
        if not group.startswith(self.place[:GROUP]):
            raise Refusal("register.elsewhere", sheet=home.sheet, row=home.row)
        if group not in self._groups:
            self.new_groups.add(group)
        grids = self._grids[group]
        return grids[0] if len(grids) == 1 else group

    def make_groups(self) -> list[str]:
        """Make the groups that the register names first, by code."""
        codes = sorted(self.new_groups)
        load_places(make_place(code, f"{_numeral(int(code[VILLAGE:]))}组") for code in codes)
        return codes


def wait_for_turn(place: str) -> None:
    """Let imports of one county come one after the other; inside the import's transaction.

    Reports and visits of the county go on meanwhile.
    """
    # open to all: the divisions of the country are public.
    list(Place.objects.select_for_update(no_key=True).filter(code=place[:6]))


def is_loaded(place: str) -> bool:
    """Whether the database has the county of a place at all."""
    try:
        # open to all: the divisions of the country are public.
        return Place.objects.filter(code=place[:6]).exists()
    except (OperationalError, ProgrammingError):
        return False


def _numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    ten = "" if not tens else "十" if tens == 1 else NUMERALS[tens] + "十"
    return ten + (NUMERALS[ones] if ones or not tens else "")
