"""What a form offers to choose from: offices with the people who hold them."""

from dataclasses import dataclass
from typing import Any

from django.utils.timezone import localdate

from lianhu.accounts.queries import holders_of
from lianhu.desk.where import Names
from lianhu.matters.kinds import get_kind, office_at, offices_for

MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class OfficeChoice:
    """An office to give a matter to, and the people there whom one may name."""

    office: str
    name: str
    people: list[tuple[str, str]]
    held: str


def office_choices(matter: Any, names: Names) -> list[tuple[str, list[OfficeChoice]]]:
    """Offices that serve the matter's place: those its kind names first. One query."""
    every = [o for o in offices_for(matter.place_id) if o != matter.office or matter.handler_id]
    place = matter.place_id
    usual = [
        office
        for kind in get_kind(matter.category).handled_by
        if (office := office_at(place, kind)) in every
    ]
    holders = holders_of(every, on=localdate())
    rest = [o for o in every if o not in usual]
    groups = [("这类事通常交给", usual)] + [
        (label, [o for o in rest if len(o.partition(":")[0]) == length])
        for label, length in (("村里", 12), ("镇里", 9), ("县里", 6))
    ]
    return [
        (label, [_choice(o, holders.get(o, []), names) for o in offices])
        for label, offices in groups
        if offices
    ]


def _choice(office: str, people: list[tuple[Any, str]], names: Names) -> OfficeChoice:
    listed = "、".join(name for _, name in people[:2])
    held = (
        listed + (f"等 {len(people)} 人" if len(people) > 2 else "") if people else "还没有人"
    )
    named = [(f"{office}/{user}", name) for user, name in people[:MOST_NAMED]]
    return OfficeChoice(office, names.office(office), named, held)
