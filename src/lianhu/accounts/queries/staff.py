"""Find users, and the roles they hold."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from lianhu.accounts.models import Grant, User
from lianhu.accounts.queries.actors import in_term
from lianhu.accounts.roles import LINE_ROLES, ROLES
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import NotPermitted
from lianhu.territory.queries import reach, within


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


def accounts_of(user_id: UUID) -> set[UUID]:
    """Every account of the human behind an account, itself included: where two people must
    agree, none of these is the second (`User.is_same_person`). One query."""
    # open to all: callers compare, and show nobody.
    person = User.objects.filter(id=user_id, person_id__isnull=False).values("person_id")
    others = User.objects.filter(person_id__in=person)  # open to all: as above
    return {user_id, *others.values_list("id", flat=True)}


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


def get_covered(actor: Actor, user_id: UUID, verb: str, *, on: date) -> User:
    """A user all of whose posts, present and coming, the actor covers with the verb."""
    user = get_staff(actor, user_id, verb)
    # scoped by the line above: here every post of hers counts, also those out of reach.
    posts = Grant.objects.filter(Q(ends_on=None) | Q(ends_on__gte=on), user=user)
    if posts.exclude(within(actor.scopes[verb])).exists():
        raise NotPermitted("account.not_found")
    return user


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
