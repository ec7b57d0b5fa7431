"""Second factors: set up a code app, check what somebody shows, codes on paper."""

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from lianhu.accounts.actions.attempts import check_throttle, forgive, note_try
from lianhu.accounts.actions.sessions import note_failure
from lianhu.accounts.models import Authenticator, RecoveryCode, User
from lianhu.accounts.queries.actors import digest
from lianhu.accounts.queries.second import factors_of
from lianhu.accounts.rules import step_of_code, terms
from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.kernel.ids import ALPHABET, uuid7
from lianhu.kernel.seal import seal_bytes, unseal_bytes

SECRET = 20  # bytes, as RFC 4226 recommends
CODE_SIGNS, GROUP = 24, 4  # 120 random bits: no dump's hash of it can be tried through


def start_authenticator(user: User, *, at: datetime) -> bytes:
    """The secret for a code app that is being set up: the same until a code of it was right.

    Refuses ``second.has_app`` when one is set up already.
    """
    found = Authenticator.objects.filter(user=user).first()
    if found and found.confirmed_at:
        raise Refusal("second.has_app")
    if found:
        return _secret_of(found)
    secret, key = secrets.token_bytes(SECRET), uuid7()
    Authenticator.objects.create(
        id=key,
        user=user,
        secret_sealed=seal_bytes(secret, f"authenticator.secret.{key}"),
        made_at=at,
    )
    return secret


def _secret_of(row: Authenticator) -> bytes:
    return unseal_bytes(row.secret_sealed, f"authenticator.secret.{row.id}")


@transaction.atomic
def confirm_authenticator(user: User, code: str, *, at: datetime) -> list[str]:
    """Set up the code app by its first right code; fresh codes on paper if it is the first
    factor. Refuses ``second.wrong``, ``second.not_begun``."""
    row = Authenticator.objects.select_for_update().filter(user=user, confirmed_at=None).first()
    if row is None:
        raise Refusal("second.not_begun")
    first = not factors_of(user.id).any
    if not _take_code(row, code, at=at):
        raise Refusal("second.wrong")
    Authenticator.objects.filter(id=row.id).update(confirmed_at=at)
    codes = write_codes(user) if first else []
    note_factor(user, "second.app", "authenticator", row.id, at=at)
    return codes


def _take_code(row: Authenticator, code: str, *, at: datetime) -> bool:
    """Whether the code is one of now that was not taken before, nor any after it; one statement
    takes it, so that of two at once one fails."""
    rule = terms(localdate(at))
    now = int(at.timestamp()) // rule["code_seconds"]
    plain = "".join(code.split())
    step = step_of_code(_secret_of(row), plain, now, rule["code_drift"])
    if step is None:
        return False
    taken = Authenticator.objects.filter(id=row.id, last_step__lt=step)
    return bool(taken.update(last_step=step))


def check_second(
    user: User, code: str, address: str, *, at: datetime, browser: str = ""
) -> str:
    """Which factor a typed code is, ``totp`` or ``recovery``; refuses ``second.wrong``,
    ``throttled``."""
    with guarded_second(user, address, at=at, browser=browser) as guard:
        row = Authenticator.objects.filter(user=user).exclude(confirmed_at=None).first()
        if row is not None and _take_code(row, code, at=at):
            return guard.passed("totp")
        if _use_recovery(user, code, at=at):
            return guard.passed("recovery")
        raise Refusal("second.wrong")


class guarded_second:  # noqa: N801 - used as a statement
    """Count what fails inside: wrong second factors of one user.

    Only who knows the password comes here. Counted by browser or address, and once more from all
    browsers that the user never came in by: so nobody who stole a password keeps the owner out.
    """

    def __init__(self, user: User, address: str, *, at: datetime, browser: str) -> None:
        self.user, self.at = user, at
        self.counts = (
            {"second": f"{user.id}|known {browser}"}
            if browser
            else {"second": f"{user.id}|{address}", "second_person": str(user.id)}
        )

    def __enter__(self) -> "guarded_second":
        for kind, key in self.counts.items():
            check_throttle(kind, key, at=self.at)
        return self

    def passed(self, factor: str) -> str:
        """The factor that was shown; its failures before are forgotten."""
        forgive("second", self.counts["second"])
        return factor

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Refusal) and error.code == "second.wrong":
            with transaction.atomic():
                for name, key in self.counts.items():
                    note_try(name, key, at=self.at)
                note_failure(self.user, "sign_in.second_failed", at=self.at, way="second")


@transaction.atomic
def _use_recovery(user: User, code: str, *, at: datetime) -> bool:
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    rows = RecoveryCode.objects.filter(user=user, code=digest(plain), used_at=None)
    used = bool(rows.update(used_at=at))
    if used:
        note_factor(user, "second.recovery", "user", user.id, at=at)
    return used


def write_codes(user: User) -> list[str]:
    """New codes on paper in place of the old ones; shown only now."""
    RecoveryCode.objects.filter(user=user).delete()
    codes = [
        "".join(secrets.choice(ALPHABET) for _ in range(CODE_SIGNS))
        for _ in range(terms(localdate())["recovery_codes"])
    ]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, code=digest(c)) for c in codes)
    return ["-".join(c[n : n + GROUP] for n in range(0, CODE_SIGNS, GROUP)) for c in codes]


@transaction.atomic
def renew_codes(actor: Actor, *, at: datetime) -> list[str]:
    """One's own new codes on paper; the old ones are void. Refuses ``second.none``."""
    if not factors_of(actor.id).any:
        raise Refusal("second.none")
    user = User.objects.get(id=actor.id)
    codes = write_codes(user)
    note_factor(user, "second.codes", "user", user.id, at=at)
    return codes


@transaction.atomic
def end_authenticator(actor: Actor, *, at: datetime) -> None:
    """Take one's own code app off; the last factor stays. Refuses ``second.last``,
    ``second.none``."""
    factors = factors_of(actor.id)
    if factors.authenticator is None:
        raise Refusal("second.none")
    if not factors.passkeys:
        raise Refusal("second.last")
    user = User.objects.get(id=actor.id)
    key = factors.authenticator.id
    Authenticator.objects.filter(id=key).delete()
    note_factor(user, "second.end", "authenticator", key, at=at)


def note_again(user: User, shown: str, *, at: datetime) -> None:
    """Note that somebody showed once more that it is them, before something that matters."""
    record(Actor(id=user.id, name=user.name), "second.again", "user", user.id, "", at=at,
           quiet=True, second=shown)  # fmt: skip


def note_factor(user: User, verb: str, kind: str, key: UUID, *, at: datetime) -> None:
    """Note in the ledger what somebody did to their own factors."""
    record(Actor(id=user.id, name=user.name), verb, kind, key, "", at=at, quiet=True,
           user=str(user.id))  # fmt: skip
