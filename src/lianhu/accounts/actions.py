"""Sign in, open accounts, enrol and revoke devices, grant and end grants."""

import re
import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate

from lianhu.accounts.handsets import handset_of
from lianhu.accounts.models import Attempt, Device, EnrolToken, Grant, User
from lianhu.accounts.queries import (
    attempts_since,
    digest,
    find_user,
    get_staff,
    get_user,
    list_devices,
)
from lianhu.accounts.roles import LINE_ROLES, ROLES, SEATED, STAFF_ROLES
from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.ids import ALPHABET, uuid7
from lianhu.kernel.seal import blind, blinds
from lianhu.territory.queries import get_place, within
from lianhu.territory.rules import level_of

USERNAME = re.compile(r"[a-z][a-z0-9.-]{2,29}", re.ASCII)
LONGEST_NAME = 50
PASSWORD_SIGNS = 12  # 60 random bits, and long enough for our own rule on passwords


def throttle(kind: str, key: str, *, at: datetime) -> None:
    """Note one try; refuses ``throttled`` beyond the limit of catalogue/throttles.toml."""
    check_throttle(kind, key, at=at)
    note_try(kind, key, at=at)


def check_throttle(kind: str, key: str, *, at: datetime) -> None:
    """Refuse ``throttled`` beyond the limit, without noting a try: where only some count."""
    rule = read("throttles.toml")[kind]
    since = at - timedelta(minutes=rule["minutes"])
    if attempts_since(kind, key, since) >= rule["tries"]:
        raise Refusal("throttled", minutes=rule["minutes"])


def note_try(kind: str, key: str, *, at: datetime) -> None:
    """Note one try of something that `check_throttle` bounds."""
    Attempt.objects.create(kind=kind, key=blind(key, kind), at=at)


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


@transaction.atomic
def make_enrol_token(actor: Actor, user_id: UUID, *, at: datetime) -> str:
    """A token for one phone of a user in reach, good once and for ten minutes.

    A phone is its user's whole reach, so the actor must cover every post the user still holds.
    Refuses ``account.not_found``.
    """
    user = _covered(actor, user_id, "device.manage", on=localdate(at))
    token = issue_token(user, made_by=actor.id, at=at)
    place = actor.scopes["device.manage"][0]
    record(actor, "device.invite", "user", user.id, place, at=at, quiet=True)
    return token


def _covered(actor: Actor, user_id: UUID, verb: str, *, on: date) -> User:
    """A user all of whose posts, present and coming, the actor covers with the verb."""
    user = get_staff(actor, user_id, verb)
    posts = Grant.objects.filter(Q(ends_on=None) | Q(ends_on__gte=on), user=user)
    if posts.exclude(within(actor.scopes[verb])).exists():
        raise NotPermitted("account.not_found")
    return user


def issue_token(user: User, *, made_by: UUID, at: datetime) -> str:
    """Make and keep (as a hash) a token; the caller has checked the right to."""
    token = secrets.token_urlsafe(24)
    minutes = read("throttles.toml")["enrol_token"]["minutes"]
    EnrolToken.objects.create(
        token=digest(token),
        user=user,
        made_by_id=made_by,
        expires_at=at + timedelta(minutes=minutes),
    )
    return token


@transaction.atomic
def enrol_device(
    token: str,
    name: str,
    public_key: str,
    *,
    at: datetime,
    continues: UUID | None = None,
    first_seq: int = 1,
) -> tuple[Device, str]:
    """A new device for the token's user, and its credential, which is shown only now.

    `continues` is what the same phone was before, if it was; else its letters begin at `first_seq`.
    Refuses ``enrol.bad_token`` for one unknown, used or expired: all alike.
    """
    # One statement on one table: with a join PostgreSQL would let two phones in at once.
    used = EnrolToken.objects.filter(
        token=digest(token), used_at=None, expires_at__gt=at
    ).update(used_at=at)
    user = User.objects.filter(
        id__in=EnrolToken.objects.filter(token=digest(token)).values("user_id"), is_active=True
    ).first()
    if not used or user is None:
        raise NotPermitted("enrol.bad_token")
    credential = secrets.token_urlsafe(32)
    key = uuid7()
    device = Device.objects.create(
        id=key,
        handset=handset_of(continues, user.id) or key,
        first_seq=first_seq,
        user=user,
        name=name.strip()[:80] or "手机",
        credential=digest(credential),
        public_key=public_key,
        enrolled_at=at,
        seen_at=at,
    )
    grant = Grant.objects.filter(user=user).order_by("place_id").first()
    record(
        Actor(id=user.id, name=user.name),
        "device.enrol",
        "device",
        device.id,
        grant.place_id if grant else "",
        at=at,
        quiet=True,
    )
    return device, credential


@transaction.atomic
def revoke_device(actor: Actor, device_id: UUID, *, at: datetime) -> Device:
    """End a device; holds at its next contact. Refuses ``device.unknown``."""
    device = list_devices(actor).filter(id=device_id, revoked_at=None).first()
    if device is None:
        raise NotPermitted("device.unknown")
    device.revoked_at = at
    device.save(update_fields=["revoked_at"])
    place = actor.scopes["device.manage"][0]
    record(actor, "device.revoke", "device", device.id, place, at=at, quiet=True)
    return device


def _granting(role: str) -> str:
    """The verb that grants and ends a role: villages post their lines, and nobody else."""
    return "posting.change" if role in LINE_ROLES else "account.manage"


@transaction.atomic
def grant_role(
    actor: Actor,
    user_id: UUID,
    role: str,
    place: str,
    *,
    starts_on: date,
    at: datetime,
    office: str = "",
) -> Grant:
    """Grant a role over a place. Refuses ``account.not_permitted`` (place out of reach),
    ``account.bad_role`` (unknown, or not for this level), ``account.not_found``."""
    actor.require(_granting(role), place)
    if role not in ROLES or level_of(place) not in ROLES[role].levels:
        raise Refusal("account.bad_role", role=role)
    if not User.objects.filter(id=user_id, is_active=True).exists():
        raise NotPermitted("account.not_found")
    grant = Grant.objects.create(
        user_id=user_id, role=role, place_id=place, office=office, starts_on=starts_on
    )
    record(
        actor, "grant.make", "grant", grant.id, place, at=at, users=[user_id], quiet=True,
        role=role, user=str(user_id),
    )  # fmt: skip
    return grant


@transaction.atomic
def end_grant(actor: Actor, grant_id: UUID, *, last_day: date, at: datetime) -> Grant:
    """Let a grant end with `last_day`, inclusive. Refuses ``account.not_permitted``, and for
    what is no line ``account.own`` and ``account.grant_ended``."""
    grant = Grant.objects.select_for_update().filter(id=grant_id).first()
    if grant is None or not actor.holds(_granting(grant.role), grant.place_id):
        raise NotPermitted("account.not_permitted")
    if grant.role not in LINE_ROLES:
        _not_own(actor, grant.user_id)
        if grant.ends_on is not None and grant.ends_on < localdate(at):
            # A term that is over stays as it was: nobody comes back by a later last day.
            raise Refusal("account.grant_ended")
    grant.ends_on = last_day
    grant.save(update_fields=["ends_on"])
    record(
        actor, "grant.end", "grant", grant.id, grant.place_id, at=at, users=[grant.user_id], quiet=True,
        user=str(grant.user_id), last_day=last_day.isoformat(),
    )  # fmt: skip
    return grant


def _not_own(actor: Actor, user_id: UUID) -> None:
    if user_id == actor.id:
        raise Refusal("account.own")


@transaction.atomic
def appoint(
    actor: Actor, user_id: UUID, role: str, place: str, kind: str = "", *,
    starts_on: date, at: datetime,
) -> Grant:  # fmt: skip
    """Give a person an office role over a place, sitting in its office of `kind` if any.

    Refuses ``account.not_permitted`` (place out of reach), ``account.own``,
    ``place.not_found``, ``place.ended``, ``account.bad_role`` (a line, unknown, or not for this
    level), ``account.bad_office``, ``account.granted_already``, ``account.not_found``.
    """
    actor.require("account.manage", place)
    _not_own(actor, user_id)
    if get_place(place).code != place:
        raise Refusal("place.ended")
    level = level_of(place)
    if role not in STAFF_ROLES or level not in ROLES[role].levels:
        raise Refusal("account.bad_role", role=role)
    if kind and (role not in SEATED or kind not in read("offices.toml")[level]):
        raise Refusal("account.bad_office")
    if role == "office" and not kind:
        # This role sees what its office holds, and without one nothing at all.
        raise Refusal("account.bad_office")
    office = f"{place}:{kind}" if kind else ""
    same = Grant.objects.filter(user_id=user_id, role=role, place_id=place, office=office)
    if same.filter(Q(ends_on=None) | Q(ends_on__gte=starts_on)).exists():
        raise Refusal("account.granted_already")
    return grant_role(actor, user_id, role, place, starts_on=starts_on, at=at, office=office)


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
    user = _covered(actor, user_id, "account.manage", on=localdate(at))
    _not_own(actor, user.id)
    if not user.is_active:
        raise NotPermitted("account.not_found")
    password = _give_password(user)
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


def forget_attempts(*, before: datetime) -> int:
    """Drop notes of tries older than needed; for the daily run."""
    return Attempt.objects.filter(Q(at__lt=before)).delete()[0]
