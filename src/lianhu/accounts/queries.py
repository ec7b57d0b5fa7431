"""Turn grants into the `Actor` that every other wing takes; find users and devices."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from lianhu.accounts.handsets import Told
from lianhu.accounts.models import Attempt, Device, Grant, User
from lianhu.accounts.roles import LINE_ROLES, ROLES
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.direct import as_moment, as_uuid, day_value, read_rows
from lianhu.kernel.errors import NotPermitted
from lianhu.kernel.seal import blinds
from lianhu.territory.queries import reach, within

NOBODY = UUID(int=0)


def digest(secret: str) -> bytes:
    """What is kept of a random secret: its SHA-256 (the secret itself has 256 random bits)."""
    return hashlib.sha256(secret.encode()).digest()


def in_term(on: date) -> Q:
    """Grants that hold on a day, both ends inclusive."""
    return Q(starts_on__lte=on) & (Q(ends_on=None) | Q(ends_on__gte=on))


# A device's and its user's grants of a day: read at every contact of a phone, never remembered.
CALLER = """
    SELECT d."id", d."user_id", d."seen_at", u."name",
        d."newest_seq", d."photos_waiting", g."role", g."place_id", g."office"
    FROM "accounts_device" d
    JOIN "accounts_user" u ON u."id" = d."user_id" AND u."is_active"
    LEFT JOIN "accounts_grant" g ON g."user_id" = d."user_id"
        AND g."starts_on" <= %s AND (g."ends_on" IS NULL OR g."ends_on" >= %s)
    WHERE d."credential" = %s AND d."revoked_at" IS NULL
    ORDER BY g."role", g."place_id"
"""


def actor_for(user: User, *, on: date) -> Actor:
    """The user's grants of that day, read once and frozen. Two queries."""
    # open to all: one's own grants.
    grants = list(
        Grant.objects.filter(in_term(on), user=user)
        .order_by("role", "place_id")
        .values_list("role", "place_id", "office")
    )
    return _actor(user.id, user.name, grants)


@dataclass(frozen=True, slots=True)
class Caller:
    """A phone at the door: the living device, and its user with the grants of the day."""

    device_id: UUID
    seen_at: datetime
    actor: Actor
    told: Told


def caller_of(credential: str, *, on: date) -> Caller:
    """Whose living device a credential is; refuses ``device.unknown``. Two queries, written out
    because every letter waits on them."""
    day = day_value(on)
    rows = read_rows(CALLER, [day, day, digest(credential)])
    if not rows:
        raise NotPermitted("device.unknown")
    device, user, seen, name, newest, photos = rows[0][:6]
    grants = [(role, place, office) for *_, role, place, office in rows if role is not None]
    actor = _actor(as_uuid(user), name, grants)
    return Caller(as_uuid(device), as_moment(seen), actor, Told(newest, photos))


def _actor(user_id: UUID, name: str, grants: list[tuple[str, str, str]]) -> Actor:
    """The actor whom some grants (role, place, office) make. One query."""
    seats = {office.partition(":")[0] for _, _, office in grants if office}
    reached = _with_former({place for _, place, _ in grants} | seats)
    scopes: defaultdict[str, set[str]] = defaultdict(set)
    for role, place, _ in grants:
        for verb in ROLES[role].verbs if role in ROLES else ():
            scopes[verb].update(reached[place])
    offices: set[str] = set()
    for _, _, office in grants:
        seat, _, kind = office.partition(":")
        # An office of a merged place goes on under each of its codes.
        offices.update(f"{code}:{kind}" for code in reached.get(seat, ()))
    return Actor(
        id=user_id,
        name=name,
        scopes={verb: tuple(sorted(codes)) for verb, codes in scopes.items()},
        offices=frozenset(offices),
        roles=tuple(dict.fromkeys(role for role, _, _ in grants)),
    )


ENDED = 'SELECT "code", "successor_id" FROM "territory_place" WHERE "successor_id" IS NOT NULL'


def _with_former(places: set[str]) -> dict[str, set[str]]:
    """For each place its own code, its successors' and all former codes it answers for."""
    ended: dict[str, str] = dict(read_rows(ENDED))
    found = {place: {place} for place in places}
    for place in places:
        found[place].update(_heirs(place, ended))
    for old in ended:
        for heir in _heirs(old, ended):
            if heir in found:
                found[heir].add(old)
    return found


def _heirs(code: str, ended: Mapping[str, str]) -> list[str]:
    """The successors of a code, one after the other; empty for a living place."""
    heirs: list[str] = []
    step = ended.get(code)
    while step:
        heirs.append(step)
        step = ended.get(step)
    return heirs


def public_actor(place: str, name: str = "村民") -> Actor:
    """Somebody without a login, who may report from one place and nothing else."""
    return Actor(id=NOBODY, name=name, scopes={"matter.report": (place,)}, roles=("resident",))


def system_actor(county: str, *verbs: str) -> Actor:
    """The county's daily run, which holds just the verbs it needs."""
    return Actor(id=NOBODY, name="系统", scopes=dict.fromkeys(verbs, (county,)))


def get_user(user_id: UUID) -> User:
    """An active user; refuses ``account.not_found``."""
    # open to all: callers hold the id of somebody they already may see.
    user = User.objects.filter(id=user_id, is_active=True).first()
    if user is None:
        raise NotPermitted("account.not_found")
    return user


def find_user(username: str) -> User | None:
    """An active user by the name they sign in with."""
    # open to all: used before anybody is signed in.
    return User.objects.filter(username=username, is_active=True).first()


def find_user_of(person_id: UUID) -> User | None:
    """The active account of a person in the register."""
    # open to all: callers hold a person they may read.
    return User.objects.filter(person_id=person_id, is_active=True).first()


STAFF_ORDERS = {
    "": ("place_id", "role", "user__name"),
    "name": ("user__name", "place_id", "id"),
    "-since": ("-starts_on", "place_id", "id"),
}


def list_staff(
    actor: Actor,
    *,
    on: date,
    under: str = "",
    words: str = "",
    lines: bool = True,
    order: str = "",
) -> QuerySet[Grant]:
    """Grants in force within reach, with their users, by place unless `order` says another;
    `lines=False` leaves out the three lines, whose postings say more."""
    rows = (
        reach(Grant.objects, actor, "posting.read")
        .filter(in_term(on))
        .exclude(role__in=["resident"] if lines else ["resident", *LINE_ROLES])
    )
    if under:
        rows = rows.filter(within([under]))
    if words:
        rows = rows.filter(user__name__startswith=words)
    return rows.select_related("user", "place").order_by(
        *STAFF_ORDERS.get(order, STAFF_ORDERS[""])
    )


MOST_FOUND = 20


def find_staff(actor: Actor, words: str, *, on: date) -> list[tuple[User, list[Grant]]]:
    """Staff in reach whom every word fits, be it by name, role, office or place ("李 支书"),
    with the posts that fit; at most 20. One query."""
    rows = reach(Grant.objects, actor, "posting.read").filter(in_term(on), user__is_active=True)
    for word in words.split()[:4]:
        roles = [code for code, role in ROLES.items() if word in role.label]
        offices = [kind for kind, name in _office_kinds() if word in name]
        fits = Q(user__name__contains=word) | Q(place__name__contains=word)
        fits |= Q(role__in=roles)
        for kind in offices:
            fits |= Q(office__endswith=f":{kind}")
        rows = rows.filter(fits)
    found: dict[UUID, tuple[User, list[Grant]]] = {}
    rows = rows.exclude(role="resident").select_related("user", "place")
    for grant in rows.order_by("user__name", "user_id", "place_id", "role")[:100]:
        found.setdefault(grant.user_id, (grant.user, []))[1].append(grant)
    return list(found.values())[:MOST_FOUND] if words.strip() else []


def _office_kinds() -> list[tuple[str, str]]:
    table = read("offices.toml")
    levels = ("village", "town", "county")
    return [(kind, name) for level in levels for kind, name in table[level].items()]


def get_staff(actor: Actor, user_id: UUID, verb: str = "posting.read") -> User:
    """A user with at least one grant in reach; refuses ``account.not_found``."""
    grant = (
        reach(Grant.objects, actor, verb).filter(user_id=user_id).select_related("user").first()
    )
    if grant is None:
        raise NotPermitted("account.not_found")
    return grant.user


def list_grants(actor: Actor, user_id: UUID, *, on: date) -> QuerySet[Grant]:
    """A person's office roles in reach, present and coming, by place."""
    return (
        reach(Grant.objects, actor, "posting.read")
        .filter(Q(ends_on=None) | Q(ends_on__gte=on), user_id=user_id)
        .exclude(role__in=["resident", *LINE_ROLES])
        .select_related("user", "place")
        .order_by("place_id", "role", "starts_on")
    )


def get_grant(actor: Actor, grant_id: UUID) -> Grant:
    """An office role in reach of who manages accounts; lines end as postings. Refuses
    ``account.not_found``."""
    grant = (
        reach(Grant.objects, actor, "account.manage")
        .filter(id=grant_id)
        .exclude(role__in=LINE_ROLES)
        .first()
    )
    if grant is None:
        raise NotPermitted("account.not_found")
    return grant


def list_devices(
    actor: Actor, *, user_id: UUID | None = None, verb: str = "device.manage"
) -> QuerySet[Device]:
    """Devices of users whose grants lie in reach, last seen first."""
    users = reach(Grant.objects, actor, verb).values("user_id")
    # scoped by the grants above: a device belongs to a user, not to a place.
    rows = Device.objects.filter(user_id__in=users).select_related("user")
    return (rows.filter(user_id=user_id) if user_id else rows).order_by("-seen_at", "id")


PHONE_ORDERS = {
    "": ("-enrolled_at", "id"),
    "enrolled": ("enrolled_at", "id"),
    "name": ("user__name", "-enrolled_at", "id"),
}


def list_phones(
    actor: Actor, *, under: str, revoked: bool | None = None, words: str = "", order: str = ""
) -> QuerySet[Device]:
    """Devices of whoever holds a grant in reach at or below a place, with their users, newest
    first; `revoked` None for both. In no order of use: when a phone was heard is no list's."""
    users = reach(Grant.objects, actor, "device.manage").filter(within([under]))
    # scoped by the grants above: a device belongs to a user, not to a place.
    rows = Device.objects.filter(
        user_id__in=users.values("user_id"), user__name__startswith=words
    )
    if revoked is not None:
        rows = rows.filter(revoked_at__isnull=not revoked)
    return rows.select_related("user").order_by(*PHONE_ORDERS.get(order, PHONE_ORDERS[""]))


def holders_of(offices: Iterable[str], *, on: date) -> dict[str, list[tuple[UUID, str]]]:
    """Id and name of the people who hold each office on a day. One query."""
    # open to all: who holds an office is public.
    rows = (
        Grant.objects.filter(in_term(on), office__in=sorted(offices), user__is_active=True)
        .order_by("office", "user__name")
        .values_list("office", "user_id", "user__name")
    )
    found: defaultdict[str, list[tuple[UUID, str]]] = defaultdict(list)
    for office, user_id, name in rows:
        if (user_id, name) not in found[office]:
            found[office].append((user_id, name))
    return dict(found)


def attempts_since(kind: str, key: str, since: object) -> int:
    """How often something throttled was tried since a moment."""
    # open to all: a bare count.
    rows = Attempt.objects.filter(kind=kind, key__in=blinds(key, kind), at__gte=since)
    return rows.count()
