"""Sign in, and change one's own password."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from lianhu.accounts.actions.attempts import throttle
from lianhu.accounts.models import Attempt, Grant, User
from lianhu.accounts.queries.staff import find_user, get_user
from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.seal import blinds


def sign_in(username: str, password: str, address: str, *, at: datetime) -> User:
    """The user, if the password is theirs; refuses ``account.wrong_password``, ``throttled``.

    Tries are counted per name-and-address and per address, so that a stranger elsewhere cannot
    lock anybody out. An unknown name costs the same time as a wrong password.
    """
    throttle("sign_in", f"{username}|{address}", at=at)
    throttle("sign_in_address", address, at=at)
    user = find_user(username)
    stored = user.password if user else make_password(None)
    # Against an unusable password Django hashes once too, so that the time tells nothing.
    if not check_password(password, stored) or user is None:
        raise NotPermitted("account.wrong_password")
    Attempt.objects.filter(
        kind="sign_in", key__in=blinds(f"{username}|{address}", "sign_in")
    ).delete()
    return user


@transaction.atomic
def change_password(user_id: UUID, old: str, new: str, address: str, *, at: datetime) -> User:
    """One's own password, by whoever knows the old one; a lent one is one's own from here on.

    Refuses ``account.wrong_password``, ``account.weak_password``, ``account.same_password``,
    ``throttled``.
    """
    throttle("sign_in", f"{user_id}|{address}", at=at)
    user = get_user(user_id)
    if not check_password(old, user.password):
        raise Refusal("account.wrong_password")
    if new == old:
        raise Refusal("account.same_password")
    try:
        validate_password(new, user)
    except ValidationError as error:
        raise Refusal("account.weak_password") from error
    user.set_password(new)
    user.password_is_lent = False
    user.save(update_fields=["password", "password_is_lent"])
    grant = Grant.objects.filter(user=user).order_by("place_id").first()
    record(
        Actor(id=user.id, name=user.name), "account.password", "user", user.id,
        grant.place_id if grant else "", at=at, quiet=True,
    )  # fmt: skip
    return user
