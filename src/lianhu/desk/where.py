"""Say where something is and in whose hands, with the names of a whole page read at once."""

from collections.abc import Iterable
from dataclasses import dataclass

from lianhu.kernel.actor import Actor
from lianhu.matters.kinds import office_name
from lianhu.territory.queries import place_names
from lianhu.territory.rules import ancestors


@dataclass(frozen=True, slots=True)
class Names:
    """Names of places by code, and the place whose own name need not be said again."""

    places: dict[str, str]
    home: str

    def where(self, code: str) -> str:
        """A place in words from below the reader's own: 三组 2格; its name when it is that."""
        steps = [c for c in ancestors(code) if len(c) > max(len(self.home), 6)]
        said = [self.places.get(c, c) for c in steps]
        # A grid that is called 三组二网格 need not be introduced by 三组.
        after = [*said[1:], ""]
        shown = [name for n, name in enumerate(said) if not after[n].startswith(name)]
        return " ".join(shown) or self.places.get(code, code)

    def office(self, office: str) -> str:
        """An office in words, with its place unless that is the reader's own."""
        code = office.partition(":")[0]
        known = {} if code == self.home else self.places
        return office_name(office, known)


def names_for(actor: Actor, codes: Iterable[str], offices: Iterable[str] = ()) -> Names:
    """The names that a page needs for these places and offices. One query."""
    wanted = {step for code in codes if code for step in ancestors(code)}
    wanted |= {office.partition(":")[0] for office in offices}
    return Names(place_names(sorted(wanted)), actor.home)
