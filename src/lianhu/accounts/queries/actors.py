"""Turn grants into the `Actor` that every other wing takes."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from lianhu.accounts.models import Grant, User
from lianhu.accounts.roles import ROLES
from lianhu.accounts.rules import Told
from lianhu.kernel.actor import Actor
from lianhu.kernel.direct import as_moment, as_uuid, day_value, read_rows
from lianhu.kernel.errors import NotPermitted

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
        d."newest_seq", d."photos_waiting", d."enrolled_at", d."renewed_at",
        d."key_proven", d."confirm_code", g."role", g."place_id", g."office"
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
    since: datetime  # the credential is in use
    has_key: bool


def caller_of(credential: str, *, on: date) -> Caller:
    """Whose living device a credential is; refuses ``device.unknown``, ``device.unconfirmed``
    (the office has not said yet that it is the phone it invited). Two queries, written out because
    every letter waits on them."""
    return caller_by(digest(credential), on=on)


def caller_by(value: bytes, *, on: date) -> Caller:
    """As `caller_of`, by the hash that is kept of the credential."""
    day = day_value(on)
    rows = read_rows(CALLER, [day, day, value])
    if not rows:
        raise NotPermitted("device.unknown")
    device, user, seen, name, newest, photos, begun, renewed, proven, code = rows[0][:10]
    if code:
        raise NotPermitted("device.unconfirmed")
    grants = [(role, place, office) for *_, role, place, office in rows if role is not None]
    actor = _actor(as_uuid(user), name, grants)
    told, since = Told(newest, photos), as_moment(renewed or begun)
    return Caller(as_uuid(device), as_moment(seen), actor, told, since, bool(proven))


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


def heirs_of(code: str) -> str:
    """The living place that answers for a code now, itself as a rule. One query."""
    return ([code, *_heirs(code, dict(read_rows(ENDED)))])[-1]


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
