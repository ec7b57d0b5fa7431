"""Open accounts and lend one-time passwords; write many at once."""

import re
import secrets
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.timezone import localdate

from lianhu.accounts.actions.grants import appoint, refuse_own
from lianhu.accounts.actions.sessions import close_sessions
from lianhu.accounts.models import Grant, User
from lianhu.accounts.queries.staff import get_covered
from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.ids import ALPHABET

USERNAME = re.compile(r"[a-z][a-z0-9.-]{2,29}", re.ASCII)

LONGEST_NAME = 50

PASSWORD_SIGNS = 12  # 60 random bits, and long enough for our own rule on passwords


@transaction.atomic
def open_account(
    actor: Actor, name: str, username: str, role: str, place: str, kind: str = "", *,
    starts_on: date, at: datetime,
) -> tuple[User, str]:  # fmt: skip
    """A new user with one office role, and a one-time password, which is shown only now.

    Refuses ``account.not_permitted`` (place out of reach), ``account.bad_name``,
    ``account.bad_username``, ``account.name_taken``, and as `appoint`.
    """
    actor.require("account.manage", place)
    name, username = name.strip(), username.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refusal("account.bad_name")
    if not USERNAME.fullmatch(username):
        raise Refusal("account.bad_username")
    user = make_user(username, name)
    password = _give_password(user)
    record(actor, "account.make", "user", user.id, place, at=at, quiet=True)
    appoint(actor, user.id, role, place, kind, starts_on=starts_on, at=at)
    return user, password


@transaction.atomic
def reset_password(actor: Actor, user_id: UUID, *, at: datetime) -> tuple[User, str]:
    """A new one-time password for somebody, shown only now; their old one and every session
    end. The actor must cover every post they hold. Refuses ``account.not_found``,
    ``account.own``."""
    user = get_covered(actor, user_id, "account.manage", on=localdate(at))
    refuse_own(actor, user.id)
    if not user.is_active:
        raise NotPermitted("account.not_found")
    password = _give_password(user)
    close_sessions(user.id)
    place = actor.scopes["account.manage"][0]
    record(actor, "account.reset", "user", user.id, place, at=at, quiet=True)
    return user, password


def _give_password(user: User) -> str:
    """Set a random password that can be read out over the telephone; only its hash is kept."""
    password = "".join(secrets.choice(ALPHABET) for _ in range(PASSWORD_SIGNS))
    user.set_password(password)
    user.password_is_lent = True
    user.save(update_fields=["password", "password_is_lent"])
    return password


def make_user(username: str, name: str, *, person_id: UUID | None = None) -> User:
    """A user without a password, who cannot sign in until one is set. Refuses
    ``account.name_taken``."""
    if User.objects.filter(username=username).exists():
        raise Refusal("account.name_taken")
    return User.objects.create(
        username=username, name=name, person_id=person_id, password=make_password(None)
    )


def load_users(users: Iterable[User]) -> None:
    """Write many users at once, without passwords: for building a county."""
    User.objects.bulk_create(users, batch_size=1000)


def load_grants(grants: Iterable[Grant]) -> None:
    """Write many grants at once: for building a county."""
    Grant.objects.bulk_create(grants, batch_size=1000)


def user_row(user_id: UUID, username: str, name: str, person_id: UUID | None = None) -> User:
    """An unsaved user without a password, for `load_users`."""
    return User(id=user_id, username=username, name=name, person_id=person_id, password="!")  # noqa: S106


def grant_row(
    grant_id: UUID, user_id: UUID, role: str, place: str, starts_on: date, office: str = ""
) -> Grant:
    """An unsaved grant, for `load_grants`."""
    return Grant(
        id=grant_id,
        user_id=user_id,
        role=role,
        place_id=place,
        starts_on=starts_on,
        office=office,
    )
