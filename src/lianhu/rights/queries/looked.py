"""Who looked at a household's sensitive fields, with purpose, post and time, from the ledger."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.utils.timezone import localdate

from lianhu.accounts.models import Grant
from lianhu.accounts.roles import ROLES
from lianhu.audit.models import Entry
from lianhu.kernel.catalogue import read
from lianhu.matters.models import Matter
from lianhu.people.models import Household, Person
from lianhu.people.rules import REVEALABLE
from lianhu.rights.queries.emergencies import reasons_of
from lianhu.territory.models import RowClass
from lianhu.territory.queries import place_names
from lianhu.territory.rules import ancestors

MOST = 200
LOOKED_UP, OPENED, FACTS = "person.looked_up", "emergency.open", "grade.look"
MINOR, REVEAL = "minor.look", "person.reveal"


@dataclass(frozen=True, slots=True)
class Look:
    """One look: who, in which post, at what, why, when."""

    at: datetime
    by: str
    post: str
    what: str
    whose: str
    purpose: str


def who_looked(household: Household, *, most: int = MOST) -> list[Look]:
    """Looks at fields of the household's persons and at its recorded facts, registers taken out
    that held it and lists that may have, latest first. Six queries at most."""
    # open to all: asked only for the household's own page.
    names = dict(
        Person.objects.filter(household_id=household.id)
        .values_list("id", "name")
        .order_by("id")
    )
    ids = {str(key): name for key, name in names.items()}
    places = ancestors(household.place_id)
    # open to all: as above; of what was said in confidence nothing.
    said = Matter.objects.filter(household_id=household.id, row_class=RowClass.ORDINARY)
    matters = [str(key) for key in said.values_list("id", flat=True)[:MOST]]
    looked = Q(object_id__in=[*ids, *matters], verb=REVEAL)
    looked |= Q(object_id__in=list(ids), verb__in=(LOOKED_UP, MINOR))
    taken = Q(verb="register.export", object_id__in=places) | Q(
        verb__in=("rights.copy", OPENED, FACTS), object_id=str(household.id)
    )
    # A list is noted by its name and place, not by whom its filters left in it.
    taken |= Q(
        verb="export", object_kind="list", object_id__in=_lists(), place_id__in=places,
        facts__rows__gt=0,
    )  # fmt: skip
    # open to all: as above; only looks at this household are read.
    rows = list(Entry.objects.filter(looked | taken).order_by("-id")[:most])
    posts = _posts({row.actor_id for row in rows})
    words = read("purposes.toml")
    why = words["reveal"] | words["export"]
    opened = any(row.verb == OPENED for row in rows)
    reasons = reasons_of(household.id) if opened else {}
    return [
        Look(
            row.at,
            row.actor_name,
            _post(posts[row.actor_id], row.place_id, localdate(row.at)),
            _what(row),
            ids.get(row.object_id, ""),
            _why(row, why, reasons),
        )
        for row in rows
    ]


def _lists() -> dict[str, str]:
    """The lists that hold residents, in words; a whole register has a verb of its own."""
    lists = read("exports.toml")["lists"]
    return {name: words for name, words in lists.items() if name != "register"}


def _why(row: Entry, purposes: dict[str, str], reasons: dict[str, str]) -> str:
    if row.verb == OPENED:
        return reasons.get(row.facts.get("opening", ""), "")
    said: str = read("purposes.toml")["looks"][row.verb].get("why", "")
    return said or purposes.get(row.facts.get("purpose", ""), "")


def _what(row: Entry) -> str:
    words: dict[str, str] = read("purposes.toml")["looks"][row.verb]
    if row.verb == REVEAL:
        field = row.facts.get("field", "")
        return words.get(field) or REVEALABLE.get(field, words["what"])
    if row.facts.get("whole") and "whole" in words:
        return words["whole"]
    listed, minutes = _lists().get(row.object_id, ""), str(row.facts.get("minutes", ""))
    return words["what"].replace("{list}", listed).replace("{minutes}", minutes)


@dataclass(frozen=True, slots=True)
class _Post:
    label: str
    place: str
    starts_on: date
    ends_on: date | None


def _posts(people: set[UUID]) -> defaultdict[UUID, list[_Post]]:
    """The posts of some people, past ones too, with the names of their places. Two queries."""
    # open to all: who holds which office is public.
    rows = list(
        Grant.objects.filter(user_id__in=people)
        .order_by("place_id")
        .values_list("user_id", "role", "place_id", "starts_on", "ends_on")
    )
    names = place_names(sorted({place for _, _, place, _, _ in rows}))
    found: defaultdict[UUID, list[_Post]] = defaultdict(list)
    for user, role, place, starts, ends in rows:
        label = ROLES[role].label if role in ROLES else role
        where = names.get(place, "")
        text = where + (label[1:] if where and label[:1] == where[-1] else label)
        found[user].append(_Post(text, place, starts, ends))
    return found


def _post(posts: list[_Post], place: str, on: date) -> str:
    """The post on that day that reached the place; else any of that day, as in an emergency."""
    in_term = [p for p in posts if p.starts_on <= on and (p.ends_on is None or p.ends_on >= on)]
    for post in in_term:
        if place.startswith(post.place) or post.place.startswith(place):
            return post.label
    return in_term[0].label if in_term else ""
