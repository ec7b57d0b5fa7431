"""Who owes a second factor, and which they have."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from lianhu.accounts.models import (
    Authenticator,
    FactorReset,
    Grant,
    Identity,
    Passkey,
    RecoveryCode,
)
from lianhu.accounts.queries.actors import heirs_of
from lianhu.accounts.rules import terms
from lianhu.kernel.actor import Actor
from lianhu.territory.queries import reach

VILLAGE = 12


def owes_second(actor: Actor) -> bool:
    """Whether the actor's reach at the desk goes beyond one village: those show a second factor.

    No query but for who holds several villages: former codes of one village are one village.
    """
    codes = actor.scopes.get("desk.use", ())
    if any(len(code) < VILLAGE for code in codes):
        return True
    villages = {code[:VILLAGE] for code in codes}
    return len(villages) > 1 and len({heirs_of(code) for code in villages}) > 1


@dataclass(frozen=True, slots=True)
class Factors:
    """What somebody can show beside the password."""

    authenticator: Authenticator | None
    passkeys: tuple[Passkey, ...]
    codes_left: int

    @property
    def any(self) -> bool:
        """Whether there is one: codes on paper alone are none."""
        return self.authenticator is not None or bool(self.passkeys)


def factors_of(user_id: UUID) -> Factors:
    """A user's second factors. Three queries."""
    # open to all: read for oneself, and at the door.
    app = Authenticator.objects.filter(user_id=user_id).exclude(confirmed_at=None).first()
    keys = tuple(Passkey.objects.filter(user_id=user_id).order_by("made_at"))  # open to all: so
    # open to all: as above.
    left = RecoveryCode.objects.filter(user_id=user_id, used_at=None).count()
    return Factors(app, keys, left)


def have_second(user_ids: Iterable[UUID]) -> set[UUID]:
    """Which of some users have a second factor. Two queries."""
    wanted = set(user_ids)
    # open to all: callers hold users they may see.
    apps = Authenticator.objects.filter(user_id__in=wanted).exclude(confirmed_at=None)
    keys = Passkey.objects.filter(user_id__in=wanted)  # open to all: as above
    return set(apps.values_list("user_id", flat=True)) | set(
        keys.values_list("user_id", flat=True)
    )


def list_resets(
    actor: Actor, *, at: datetime, verb: str = "account.second"
) -> QuerySet[FactorReset]:
    """Resets that wait for a second person, of whoever holds a grant in reach; newest first."""
    since = at - timedelta(hours=terms(localdate(at))["reset_hours"])
    users = reach(Grant.objects, actor, verb).values("user_id")
    # scoped by the grants above: a reset belongs to a user, not to a place.
    rows = FactorReset.objects.filter(user_id__in=users, done_at=None, asked_at__gt=since)
    return rows.select_related("user", "asked_by").order_by("-asked_at", "id")


def identity_of(user_id: UUID, issuer: str) -> Identity | None:
    """Who a user is at the provider."""
    # open to all: callers hold a user they may see.
    return Identity.objects.filter(Q(user_id=user_id, issuer=issuer)).first()


def find_identity(issuer: str, subject: str) -> Identity | None:
    """The link of a subject at the provider, of an active user."""
    # open to all: used before anybody is signed in.
    rows = Identity.objects.filter(issuer=issuer, subject=subject, user__is_active=True)
    return rows.select_related("user").first()
