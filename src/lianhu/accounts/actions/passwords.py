"""Sign in by a password, and change one's own."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate
from pypinyin import lazy_pinyin

from lianhu.accounts.actions.attempts import check_throttle, forgive, note_try
from lianhu.accounts.actions.sessions import note_failure
from lianhu.accounts.models import Grant, User
from lianhu.accounts.queries.staff import find_user, get_user
from lianhu.accounts.rules import signs_left, terms
from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.territory.queries import list_places


def sign_in(
    username: str, password: str, address: str, *, at: datetime, browser: str = ""
) -> User:
    """The user, if the password is theirs; refuses ``account.wrong_password``, ``throttled``.

    Only failures count, by name-and-address and by address. `browser` names one that this user
    came in by before (`web.known`): it has a count of its own, so that nobody who shares the
    address, or all addresses behind a proxy, can keep its owner out. An unknown name costs the
    same time and writes as much as a wrong password.
    """
    counts = (
        {"sign_in": f"{username}|known {browser}"}
        if browser
        else {"sign_in": f"{username}|{address}", "sign_in_address": address}
    )
    for kind, key in counts.items():
        check_throttle(kind, key, at=at)
    user = find_user(username)
    stored = user.password if user else make_password(None)
    # Against an unusable password Django hashes once too, so that the time tells nothing.
    if not check_password(password, stored) or user is None:
        with transaction.atomic():
            for kind, key in counts.items():
                note_try(kind, key, at=at)
            note_failure(user, "sign_in.failed", at=at)
        raise NotPermitted("account.wrong_password")
    forgive("sign_in", counts["sign_in"])
    return user


def check_own_password(user: User, password: str, address: str, *, at: datetime) -> None:
    """Refuse ``account.wrong_password``, ``throttled`` unless the password is theirs: of somebody
    who is signed in."""
    key = f"{user.id}|{address}"
    check_throttle("sign_in", key, at=at)
    if not check_password(password, user.password):
        note_try("sign_in", key, at=at)
        raise Refusal("account.wrong_password")


def change_password(user_id: UUID, old: str, new: str, address: str, *, at: datetime) -> User:
    """One's own password, by whoever knows the old one; a lent one is one's own from here on.

    Refuses ``account.wrong_password``, ``account.weak_password``, ``account.same_password``,
    ``throttled``.
    """
    user = get_user(user_id)
    check_own_password(user, old, address, at=at)
    if new == old:
        raise Refusal("account.same_password")
    rule = terms(localdate(at))
    shortest = rule["password_shortest"]
    words = [*rule["password_words"], *_words_of(user)]
    if len(new) < shortest or signs_left(new, words) < rule["password_left"]:
        raise Refusal("account.weak_password", shortest=shortest)
    try:
        validate_password(new, user)
    except ValidationError as error:
        raise Refusal("account.weak_password", shortest=shortest) from error
    return _set_password(user, new, at=at)


def _words_of(user: User) -> list[str]:
    """What a stranger would try first: one's own name, the county's and its code, also in pinyin.
    One query."""
    county = list_places("county").first()
    names = [user.name, *((county.name, county.name[:-1]) if county else ())]
    spelt = ["".join(lazy_pinyin(name)) for name in names]
    return [user.username, county.code if county else "", *names, *spelt]


@transaction.atomic
def _set_password(user: User, new: str, *, at: datetime) -> User:
    user.set_password(new)
    user.password_is_lent = False
    user.save(update_fields=["password", "password_is_lent"])
    grant = Grant.objects.filter(user=user).order_by("place_id").first()
    record(
        Actor(id=user.id, name=user.name), "account.password", "user", user.id,
        grant.place_id if grant else "", at=at, quiet=True,
    )  # fmt: skip
    return user
