"""How often something was tried."""

from lianhu.accounts.models import Attempt
from lianhu.kernel.seal import blinds


def attempts_since(kind: str, key: str, since: object) -> int:
    """How often something throttled was tried since a moment."""
    # open to all: a bare count.
    rows = Attempt.objects.filter(kind=kind, key__in=blinds(key, kind), at__gte=since)
    return rows.count()
