"""Who is acting: the one value that every action and query takes first."""

from dataclasses import dataclass, field
from uuid import UUID

from lianhu.kernel.errors import NotPermitted


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person with the grants they hold, read once per request.

    `scopes` maps a verb to the place codes on which it was granted; a code covers its whole
    subtree, former codes of a merged place included. `offices` are "<place code>:<kind>".
    Built only by `accounts.queries.actors.actor_for`.
    """

    id: UUID
    name: str
    scopes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    offices: frozenset[str] = frozenset()
    roles: tuple[str, ...] = ()

    def holds(self, verb: str, place: str = "") -> bool:
        """Whether the verb was granted on a place that covers `place` ("" = anywhere)."""
        return any(place.startswith(code) or not place for code in self.scopes.get(verb, ()))

    def require(self, verb: str, place: str, *, code: str = "account.not_permitted") -> None:
        """Refuse with `code` unless the verb is held over `place`."""
        if not self.holds(verb, place):
            raise NotPermitted(code)

    @property
    def home(self) -> str:
        """The widest place on which anything was granted, "" for none."""
        return min((c for codes in self.scopes.values() for c in codes), key=len, default="")
