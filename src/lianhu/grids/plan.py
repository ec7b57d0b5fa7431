"""A proposed division in plain values: what the desk, the command and `apply` read. Pure."""

from dataclasses import dataclass
from uuid import UUID

from lianhu.grids.rules import Bounds


@dataclass(frozen=True, slots=True)
class Wish:
    """What an officer asks of a proposal; the whole of it fits into a link.

    `locked` are grids that stay as they are, `moves` puts a household into a grid by hand.
    `fresh` forgets the present grids, as if nobody had ever been in one.
    """

    fresh: bool = False
    locked: frozenset[str] = frozenset()
    moves: tuple[tuple[UUID, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Home:
    """One household: where it is now, and the grid that it would be in."""

    id: UUID
    code: str
    head: str
    size: int
    lon: float | None
    lat: float | None
    before: str  # its present living grid, "" for none
    after: str
    walk_m: float


@dataclass(frozen=True, slots=True)
class GridPlan:
    """One grid before and after; `leader` is a user's name, "" for a gap."""

    code: str
    households_before: int
    people_before: int
    households: int
    people: int
    longest_m: int
    leader: str = ""
    is_new: bool = False
    heir: str = ""  # where an ended grid's households, postings and open matters go


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """One group: its grids, its metres, and in words what could not be kept."""

    code: str
    grids: tuple[GridPlan, ...]
    walk_before_m: float
    walk_m: float
    changed: int  # households that leave a present grid for another
    newcomers: int  # households that had no grid
    pointless: int  # households whose place on the ground is not known
    offer_fresh: bool
    reason: str
    drift: float = 0.0  # the share by which this walk exceeds a fresh division's

    @property
    def kept(self) -> list[GridPlan]:
        """The grids that there would be."""
        return [grid for grid in self.grids if not grid.heir]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A division of one place, not yet applied.

    `stamp` names the register that it was made from: applying it to another is refused.
    """

    place: str
    bounds: Bounds
    source: str
    drift: float  # share of more walking from which a fresh division is offered
    wish: Wish
    groups: tuple[GroupPlan, ...]
    homes: tuple[Home, ...]
    stamp: str
    groupless: int  # households registered in no group, which no division reaches

    @property
    def drift_percent(self) -> int:
        """The same in percent."""
        return round(100 * self.drift)

    @property
    def changed(self) -> int:
        """Households that change grid, newcomers not counted."""
        return sum(group.changed for group in self.groups)

    @property
    def pointless(self) -> int:
        """Households whose place on the ground is not known."""
        return sum(group.pointless for group in self.groups)

    @property
    def is_change(self) -> bool:
        """Whether applying it would do anything."""
        return any(home.after != home.before for home in self.homes) or any(
            grid.heir or grid.is_new for group in self.groups for grid in group.grids
        )
