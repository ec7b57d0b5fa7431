"""The fixed cast's places, and small functions that make rows: no fixture files, no mocks.

Everybody belongs to East (双乳村) unless the name says otherwise; West is a village of another
town, and whatever West's people can see or do in East is a defect.
"""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import count
from time import time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client

from lianhu.accounts.actions.devices import enrol_device, issue_token
from lianhu.accounts.models import Device, Grant, User
from lianhu.accounts.queries.actors import actor_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.ids import uuid7
from lianhu.matters.actions.report import Report, report_matter
from lianhu.matters.models import Matter
from lianhu.people.actions import HouseholdRow, PersonRow, load_households
from lianhu.people.models import Household, Person
from lianhu.people.rules import check_digit
from lianhu.postings.models import Posting
from lianhu.territory.actions import load_places, make_place
from lianhu.web.sessions import ENTRY, SessionStore, entry_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)  # a Monday
TODAY = NOON.date()
LONG_AGO = date(2020, 1, 1)

COUNTY = "610921"
EAST_TOWN, EAST, NEIGHBOUR = "610921104", "610921104200", "610921104201"
EAST_GROUP, EAST_GRID, EAST_GRID_2 = "61092110420003", "61092110420003002", "61092110420003001"
EAST_FAR_GRID = "61092110420001001"
WEST_TOWN, WEST, WEST_GROUP, WEST_GRID = (
    "610921107",
    "610921107200",
    "61092110720001",
    "61092110720001001",
)
PLACES = {
    COUNTY: "汉阴县",
    EAST_TOWN: "双乳镇",
    WEST_TOWN: "漩涡镇",
    EAST: "双乳村",
    NEIGHBOUR: "三同村",
    WEST: "三塘村",
    EAST_GROUP: "三组",
    "61092110420001": "一组",
    "61092110420101": "一组",
    WEST_GROUP: "一组",
    EAST_GRID: "三组二网格",
    EAST_GRID_2: "三组一网格",
    EAST_FAR_GRID: "一组一网格",
    "61092110420101001": "一组一网格",
    WEST_GRID: "一组一网格",
}
# The household that the examples of `contracts/` name.
EXAMPLE_HOUSEHOLD = UUID("019364a0-7c1e-7a52-9d41-3f0c5a2b1e77")
HOUSING, COMMITTEE = f"{EAST_TOWN}:housing", f"{EAST}:committee"
DISCIPLINE, PETITION = f"{COUNTY}:discipline", f"{COUNTY}:petition"

_numbers = count(1)


def make_places() -> None:
    """The county, two towns, three villages and their groups and grids."""
    load_places(make_place(code, name) for code, name in PLACES.items())


def make_user(name: str, username: str = "") -> User:
    """A user who has no password and no grant."""
    username = username or f"user{next(_numbers)}"
    return User.objects.create(username=username, name=name, password="!")


def make_grant(
    user: User, role: str, place: str, office: str = "", *, ends_on: date | None = None
) -> Grant:
    """A grant since long ago, for ever unless told."""
    return Grant.objects.create(
        user=user, role=role, place_id=place, office=office, starts_on=LONG_AGO, ends_on=ends_on
    )


def make_actor(name: str, *grants: tuple[str, ...]) -> Actor:
    """Somebody with grants (role, place, office)."""
    user = make_user(name)
    for grant in grants:
        make_grant(user, *grant)
    return actor_again(user.id)


def make_posted(name: str, line: str, *grids: str, leader: bool = False) -> Actor:
    """A line person who answers for grids."""
    user = make_user(name)
    for grid in grids:
        grant = make_grant(user, line, grid)
        Posting.objects.create(
            user=user, line=line, place_id=grid, grant=grant, is_leader=leader,
            starts_on=LONG_AGO,
        )  # fmt: skip
    return actor_again(user.id)


def actor_again(user_id: UUID, on: date = TODAY) -> Actor:
    """The actor with the grants of a day, read anew."""
    return actor_for(User.objects.get(id=user_id), on=on)


def enter(client: Client, actor_id: UUID, *, fresh: bool = True) -> Client:
    """Sign a browser in as if all that the door asks had been shown: the one way for tests that
    are not about the door."""
    client.force_login(User.objects.get(id=actor_id))
    session = client.session
    session[ENTRY] = entry_of({}) | {"second": "totp", "fresh": time() if fresh else 0}
    session.save()
    return client


def session_of(user: User | None, **more: Any) -> str:
    """The cookie of a session of somebody signed in, or of nobody, that holds `more`."""
    store = SessionStore()
    if user is not None:
        store[SESSION_KEY] = str(user.pk)
        store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        store[HASH_SESSION_KEY] = user.get_session_auth_hash()
        store[ENTRY] = entry_of({}) | {"second": "totp", "fresh": time()}
    for key, value in more.items():
        store[key] = value
    store.create()
    return str(store.session_key)


def make_device(actor: Actor, name: str = "手机", at: datetime = NOON) -> tuple[Device, str]:
    """A phone of an actor, and its credential."""
    user = User.objects.get(id=actor.id)
    return enrol_device(issue_token(user, made_by=user.id, at=at), name, "", at=at)


def make_household(
    grid: str = EAST_GRID,
    head: str = "刘武林",
    members: Iterable[dict[str, Any]] = (),
    *,
    household_id: UUID | None = None,
    code: str = "",
) -> Household:
    """A household with its head and further members (fields of `PersonRow`)."""
    number = next(_numbers)
    home = household_id or uuid7()
    persons: list[dict[str, Any]] = [
        {"name": head, "relation": "02", "phone": f"138{number:08d}",
         "id_number": make_id_number(number)},
        *members,
    ]  # fmt: skip
    load_households(
        [
            HouseholdRow(
                id=home, place=grid, code=code or f"{number:09d}", head_name=head,
                head_initials="lwl", address="三组 5 号", size=len(persons),
            )
        ],
        [
            PersonRow(
                **{"id": uuid7(), "household_id": home, "place": grid, "relation": "97",
                   "sex": "1", "born_on": date(1950, 5, 1), **person}
            )
            for person in persons
        ],
    )  # fmt: skip
    return Household.objects.get(id=home)


def make_id_number(number: int = 1) -> str:
    """An ID number with a right check digit and a region that does not exist."""
    first = f"99932119500501{number % 1000:03d}"
    return first + check_digit(first)


def head_of(household: Household) -> Person:
    """The head's row."""
    return Person.objects.get(household=household, relation="02")


def make_matter(actor: Actor, at: datetime = NOON, **fields: Any) -> Matter:
    """A matter that the actor reports, about rubbish in East's grid unless told."""
    wanted: dict[str, Any] = {
        "place": EAST_GRID,
        "category": "environment",
        "words": "桥头的垃圾堆了三天，娃娃上学都绕路。",
    }
    return report_matter(actor, Report(**(wanted | fields)), at=at)
