"""Count tries of what a stranger may try, and refuse beyond a limit."""

from datetime import datetime, timedelta

from django.db.models import Q

from lianhu.accounts.models import Attempt
from lianhu.accounts.queries.attempts import attempts_since
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import Refusal
from lianhu.kernel.seal import blind, blinds


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


def forgive(kind: str, key: str) -> None:
    """Forget the tries of somebody who has shown that it is them."""
    Attempt.objects.filter(kind=kind, key__in=blinds(key, kind)).delete()


def forget_attempts(*, before: datetime) -> int:
    """Drop notes of tries older than needed; for the daily run."""
    return Attempt.objects.filter(Q(at__lt=before)).delete()[0]
