"""Care episodes: read by the worker who opened one and its supervisor, by nobody else.

There is no count, no list beyond one's own, no search, no export, and none may be added.
"""

import json
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from lianhu.accounts.models import Grant
from lianhu.accounts.queries.actors import in_term
from lianhu.accounts.roles import ROLES
from lianhu.grading.models import CARE, CareEpisode
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.people.models import Change, Household
from lianhu.territory.queries import reach
from lianhu.territory.rules import ancestors


@dataclass(frozen=True, slots=True)
class CareWords:
    """What the two read."""

    basis: str
    wish: str
    need: str
    help: str


def own_care(actor: Actor) -> QuerySet[CareEpisode]:
    """One's own episodes, as the worker or as the supervisor, while one still holds the post."""
    working = reach(Household.objects, actor, "care.open")
    guiding = reach(Household.objects, actor, "care.supervise")
    # scoped by the two named people and reach() above
    rows = CareEpisode.objects.filter(
        Q(worker_id=actor.id, household__in=working)
        | Q(supervisor_id=actor.id, household__in=guiding),
        row_class=CARE,
    )
    return rows.select_related("household", "worker", "supervisor").order_by(
        "-opened_on", "-id"
    )


def get_care(actor: Actor, episode_id: UUID) -> CareEpisode:
    """One's own episode; anybody else's refuses ``care.not_found``, as one that is not."""
    row = own_care(actor).filter(id=episode_id).first()
    if row is None:
        raise NotPermitted("care.not_found")
    return row


def care_words(actor: Actor, episode: CareEpisode) -> CareWords:
    """The words of one's own episode; refuses ``care.not_found``."""
    if actor.id not in {episode.worker_id, episode.supervisor_id}:
        raise NotPermitted("care.not_found")
    return CareWords(**json.loads(episode.words))


def parted_homes(actor: Actor, episode: CareEpisode) -> QuerySet[Household]:
    """Households that split off that of one's own episode, or that it split off, since it was
    opened: the care may be that of people who are there now."""
    # scoped by reach() below
    rows = Change.objects.filter(kind="household.split", on__gte=episode.opened_on)
    home = episode.household_id
    there = Q(id__in=rows.filter(household=home).values("other_id"))
    there |= Q(id__in=rows.filter(other=home).values("household_id"))
    homes = reach(Household.objects, actor, "care.open").filter(there, ended_on=None)
    return homes.order_by("code", "id")


def supervisors_for(place: str, *, on: date, but: UUID) -> list[tuple[UUID, str, str]]:
    """Id, name and role of who may supervise at a place, `but` one person. One query."""
    roles = [name for name, role in ROLES.items() if "care.supervise" in role.verbs]
    # open to all: who holds which office is public.
    rows = (
        Grant.objects.filter(in_term(on), role__in=roles, place_id__in=ancestors(place))
        .filter(user__is_active=True)
        .exclude(user_id=but)
        .select_related("user")
        .order_by("-place_id", "user__name")
    )
    found = {row.user_id: (row.user_id, row.user.name, ROLES[row.role].label) for row in rows}
    return list(found.values())
