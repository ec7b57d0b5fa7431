"""Where a row's household lives: from its columns, else the sheet's name, else the titles."""

from typing import NamedTuple

from lianhu.people.register.cells import squeeze
from lianhu.people.register.places import (
    Found,
    Places,
    group_in,
    group_suffix,
    split_group,
)

NOWHERE = Found(None, "", "")


class Situation(NamedTuple):
    """Village and group of a row; the kinds say what is wrong with the cells they came from.

    `key` tells places apart, those too that are in no table.
    """

    village: str | None
    group: str | None
    key: tuple[str, str]
    village_kind: str = ""
    group_kind: str = ""
    faulty: bool = False


class Situations:
    """The places of one sheet, each combination of cells resolved once."""

    def __init__(self, places: Places, titles: list[str]) -> None:
        """`titles`: the sheet's name, then what stands over its header."""
        self._places = places
        self._sheet = titles[0]
        self._known: dict[tuple[str, str, str, str], Situation] = {}
        self.town, self.village = "", NOWHERE
        self.group: str | None = None
        self.doubt = ""  # what is wrong with the name in the title, if a row had to rely on it
        self.entitle(titles)

    def entitle(self, titles: list[str]) -> bool:
        """Take what titles say, the first that says something; whether they name a place."""
        find = self._places
        self.town = next((t for title in titles if (t := find.town_in(title))), self.town)
        named = [found for title in titles if (found := find.village_in(title, self.town))]
        group = next((g for title in titles if (g := group_in(title))), None)
        self._known.clear()
        if not named and not group:
            return False
        self.village = named[0] if named else self.village
        self.group = group
        return True

    def enter_group(self, suffix: str | None) -> None:
        """A row of its own names the group of the rows below."""
        self.group = suffix
        self._known.clear()

    def enter(self, said: str) -> bool:
        """Whether a row of its own names a village, with or without its group: it holds below."""
        first, second = split_group(said)
        found = self._places.village(first or said, self.town)
        if found.code is None or (first and second and group_suffix(second) is None):
            return False
        self.village = found
        self.enter_group(group_suffix(second) if first and second else None)
        return True

    def of(self, town: str, village: str, group: str, joined: str) -> Situation:
        """The situation that a row's cells tell, carried down ones included."""
        key = (town, village, group, joined)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._resolve(*key)
        return found

    def _resolve(self, town: str, village: str, group: str, joined: str) -> Situation:
        narrowed = (self._places.town_of(town) if town else "") or self.town
        if joined:
            first, second = split_group(joined)
            if second and not first and group_suffix(second) is None:
                bare = self._places.village(second, narrowed)
                first, second = (second, "") if bare.kind != "unknown_village" else ("", second)
            group = group or second
            village = village or first
        found = self._places.village(village, narrowed) if village else self.village
        if village and found.code is None and not group:
            found, group = self._group_within(village, narrowed, found)
        if not village and not self.doubt:
            self.doubt = self.village.kind
        suffix = group_suffix(group) if group else self.group
        village_kind = found.kind if village else ""
        group_kind = "unknown_group" if group and suffix is None else ""
        # Where no group is known, households of two sheets are two.
        group_key = suffix or (f"={squeeze(group)}" if group else f"@{self._sheet}")
        return Situation(
            found.code, suffix, (found.key, group_key), village_kind, group_kind,
            bool(village_kind or group_kind),
        )  # fmt: skip

    def _group_within(self, village: str, town: str, found: Found) -> tuple[Found, str]:
        """A village column that holds the group as well: 棉丰村一组."""
        first, second = split_group(village)
        if first and second and group_suffix(second):
            named = self._places.village(first, town)
            if named.kind != "unknown_village":
                return named, second
        return found, ""
