"""What a form offers to choose from: offices with the people who hold them; roles and places."""

from dataclasses import dataclass
from typing import Any

from django.utils.timezone import localdate

from lianhu.accounts.queries.staff import find_staff, holders_of
from lianhu.accounts.roles import ROLES, STAFF_ROLES
from lianhu.desk.where import Names, names_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.matters.kinds import get_kind, office_at, offices_for
from lianhu.territory.queries import list_places

MOST_NAMED = 8
LEVEL_WORDS = {"county": "县里", "town": "镇里", "village": "村里"}


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


def official_choices(actor: Actor, words: str) -> list[tuple[Any, str]]:
    """Staff whom some words may mean, each with the posts in words. Two queries."""
    found = find_staff(actor, words, on=localdate())
    grants = [g for _, posts in found for g in posts]
    names = names_for(actor, (g.place_id for g in grants), (g.office for g in grants))
    return [(user, "；".join(_post(g, names) for g in posts)) for user, posts in found]


def _post(grant: Any, names: Names) -> str:
    office = f"，{names.office(grant.office)}" if grant.office else ""
    return f"{names.where(grant.place_id)} {ROLES[grant.role].label}{office}"


@dataclass(frozen=True, slots=True)
class AccountChoices:
    """What the account forms offer: values with words; places and offices in groups."""

    roles: list[tuple[str, str]]
    places: list[tuple[str, list[tuple[str, str]]]]
    offices: list[tuple[str, list[tuple[str, str]]]]


def account_choices(actor: Actor) -> AccountChoices:
    """Office roles, offices by level, and the places where the actor may give them: the
    county and its towns, then the villages of each town. Three queries per place of reach."""
    table = read("offices.toml")
    # Not grouped by level: 经办人员 are of a town or of the county.
    roles = [
        (
            role,
            f"{ROLES[role].label}（{'、'.join(LEVEL_WORDS[x][0] for x in ROLES[role].levels)}）",
        )
        for role in STAFF_ROLES
    ]
    offices = [
        (words, [(f"{level}:{kind}", name) for kind, name in table[level].items()])
        for level, words in LEVEL_WORDS.items()
    ]
    top: list[tuple[str, str]] = []
    villages: dict[str, list[tuple[str, str]]] = {}
    towns: dict[str, str] = {}
    for code in actor.scopes.get("account.manage", ()):
        for level in LEVEL_WORDS:
            for place in list_places(level, under=code):
                if level == "village":
                    villages.setdefault(place.code[:9], []).append((place.code, place.name))
                else:
                    top.append((place.code, place.name))
                    towns[place.code] = place.name
    by_town = [(towns.get(town, town), rows) for town, rows in villages.items()]
    return AccountChoices(roles, [("县和镇", top), *by_town], offices)
