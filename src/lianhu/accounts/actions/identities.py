"""Link a user to who they are at the county's own identity provider, and part them again."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from lianhu.accounts.actions.grants import refuse_own
from lianhu.accounts.actions.sessions import close_sessions, note_failure
from lianhu.accounts.models import Identity, User
from lianhu.accounts.queries.second import find_identity, identity_of
from lianhu.accounts.queries.staff import get_covered
from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal

LONGEST = 255


def user_of_identity(issuer: str, subject: str, *, at: datetime) -> User:
    """Whose account a subject is linked to; no account is ever made here.

    Refuses ``provider.not_linked``.
    """
    found = find_identity(issuer, subject)
    if found is None:
        note_failure(None, "sign_in.failed", at=at, way="provider")
        raise Refusal("provider.not_linked", subject=subject)
    return found.user


@transaction.atomic
def link_identity(
    actor: Actor, user_id: UUID, issuer: str, subject: str, *, at: datetime
) -> Identity:
    """Say who a user is at the provider; the actor must cover every post they hold.

    Refuses ``account.not_found``, ``account.own``, ``provider.bad_subject``,
    ``provider.taken``, ``provider.none``.
    """
    user = get_covered(actor, user_id, "account.manage", on=localdate(at))
    refuse_own(actor, user.id)
    subject = subject.strip()
    if not issuer:
        raise Refusal("provider.none")
    if not subject or len(subject) > LONGEST or not subject.isprintable():
        raise Refusal("provider.bad_subject")
    taken = Identity.objects.filter(issuer=issuer, subject=subject)
    if taken.exists() or identity_of(user.id, issuer):
        raise Refusal("provider.taken")
    row = Identity.objects.create(
        user=user, issuer=issuer, subject=subject, linked_by_id=actor.id, linked_at=at
    )
    place = actor.scopes["account.manage"][0]
    record(actor, "account.link", "user", user.id, place, at=at, quiet=True)
    return row


@transaction.atomic
def unlink_identity(actor: Actor, user_id: UUID, issuer: str, *, at: datetime) -> None:
    """Part a user from the provider, and end every session. Refuses ``account.not_found``,
    ``provider.not_found``."""
    user = get_covered(actor, user_id, "account.manage", on=localdate(at))
    if not Identity.objects.filter(user=user, issuer=issuer).delete()[0]:
        raise NotPermitted("provider.not_found")
    close_sessions(user.id)
    place = actor.scopes["account.manage"][0]
    record(actor, "account.unlink", "user", user.id, place, at=at, quiet=True)
