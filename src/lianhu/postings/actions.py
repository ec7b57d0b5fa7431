"""Post people to grids, and hand over when somebody leaves."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from lianhu.accounts.actions.forget import drop_grants
from lianhu.accounts.actions.grants import end_grant, grant_role
from lianhu.accounts.actions.users import make_user
from lianhu.accounts.models import User
from lianhu.accounts.queries.staff import find_user_of
from lianhu.accounts.roles import LINE_ROLES
from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.people.queries import get_person
from lianhu.postings.models import Posting
from lianhu.postings.queries import get_posting


@transaction.atomic
def post(
    actor: Actor,
    user_id: UUID,
    line: str,
    grid: str,
    *,
    is_leader: bool,
    starts_on: date,
    at: datetime,
) -> Posting:
    """Let a person of one of the three lines answer for a grid from a day on.

    Refuses ``account.not_permitted`` (grid out of reach), ``account.bad_role`` (not a line, or
    not a grid), ``account.not_found``, ``posting.has_leader``.
    """
    if line not in LINE_ROLES:
        raise Refusal("account.bad_role", role=line)
    actor.require("posting.change", grid)
    if (
        is_leader
        and Posting.objects.filter(place_id=grid, is_leader=True, ends_on=None).exists()
    ):
        raise Refusal("posting.has_leader")
    grant = grant_role(actor, user_id, line, grid, starts_on=starts_on, at=at)
    posting = Posting.objects.create(
        user_id=user_id,
        line=line,
        place_id=grid,
        grant=grant,
        is_leader=is_leader,
        starts_on=starts_on,
    )
    record(
        actor, "posting.make", "posting", posting.id, grid, at=at, users=[user_id],
        line=line, leader=is_leader,
    )  # fmt: skip
    return posting


@transaction.atomic
def user_of_person(actor: Actor, person_id: UUID, *, at: datetime) -> User:
    """The account of a registered person, made if there is none; it has no password.

    Refuses ``person.not_found``, ``account.not_permitted``.
    """
    person = get_person(actor, person_id)
    actor.require("posting.change", person.place_id)
    user = find_user_of(person.id)
    if user is None:
        user = make_user(f"p{person.id.hex[-12:]}", person.name, person_id=person.id)
        record(
            actor, "account.make", "user", user.id, person.place_id, at=at, quiet=True,
            person=str(person.id),
        )  # fmt: skip
    return user


@transaction.atomic
def end_posting(actor: Actor, posting_id: UUID, *, last_day: date, at: datetime) -> Posting:
    """Let a posting and its grant end with `last_day`, inclusive; history stays.

    Refuses ``posting.not_found``, ``posting.ended``.
    """
    posting = get_posting(actor, posting_id)
    if posting.ends_on is not None:
        raise Refusal("posting.ended")
    posting.ends_on = last_day
    posting.save(update_fields=["ends_on"])
    end_grant(actor, posting.grant_id, last_day=last_day, at=at)
    record(
        actor, "posting.end", "posting", posting.id, posting.place_id, at=at,
        users=[posting.user_id], last_day=last_day.isoformat(),
    )  # fmt: skip
    return posting


@transaction.atomic
def replace(
    actor: Actor, posting_id: UUID, user_id: UUID, *, from_day: date, at: datetime
) -> Posting:
    """Hand a grid over to another person from a day on: the old posting ends the day before.

    The doors move open work along (`matters.actions.hand_over`). Refuses as `post` and
    `end_posting`.
    """
    old = end_posting(actor, posting_id, last_day=from_day - timedelta(days=1), at=at)
    return post(
        actor, user_id, old.line, old.place_id, is_leader=old.is_leader,
        starts_on=from_day, at=at,
    )  # fmt: skip


def posting_row(
    posting_id: UUID, user_id: UUID, line: str, grid: str, grant_id: UUID, *,
    is_leader: bool, starts_on: date,
) -> Posting:  # fmt: skip
    """An unsaved posting, for `load_postings`."""
    return Posting(
        id=posting_id, user_id=user_id, line=line, place_id=grid, grant_id=grant_id,
        is_leader=is_leader, starts_on=starts_on,
    )  # fmt: skip


def load_postings(postings: Iterable[Posting]) -> None:
    """Write many postings at once: for building a county."""
    Posting.objects.bulk_create(postings, batch_size=1000)


def forget_postings(before: datetime, most: int) -> int:
    """Delete postings whose term ended before a moment, with their grants; how many."""
    # open to all: by the daily run, and nothing of it is shown.
    rows = Posting.objects.filter(ends_on__lt=localdate(before)).order_by("ends_on", "id")
    found = list(rows.values_list("id", "grant_id")[:most])
    # open to all: as above.
    Posting.objects.filter(id__in=[key for key, _ in found]).delete()
    drop_grants([grant for _, grant in found])
    return len(found)
