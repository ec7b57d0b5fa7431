"""Short ways through a matter's life, for tests only."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from lianhu.audit.models import Entry
from lianhu.audit.queries import versions
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.matters.actions.steps import (
    accept_matter,
    answer_matter,
    close_matter,
    handle_matter,
    verify_answer,
)
from lianhu.matters.models import Matter
from tests import cast

AT = {"at": cast.NOON}
GRIDS = [cast.EAST_GRID, cast.EAST_GRID_2, cast.WEST_GRID]


def later(days: int = 0, hours: int = 0) -> dict[str, datetime]:
    """`at` some calendar days and hours after noon."""
    return {"at": cast.NOON + timedelta(days=days, hours=hours)}


def code_of(call: Any, *args: Any, **kwargs: Any) -> str:
    """The code with which a call refuses."""
    with pytest.raises(Refusal) as refused:
        call(*args, **(AT | kwargs))
    return refused.value.code


def accepted(actor: Actor, matter: Matter) -> Matter:
    """Accepted by the actor."""
    return accept_matter(actor, matter.id, **AT)


def answered(actor: Actor, matter: Matter) -> Matter:
    """Accepted and answered by one actor."""
    accepted(actor, matter)
    handle_matter(actor, matter.id, "已派人去看", **AT)
    return answer_matter(actor, matter.id, "垃圾已清走", **AT)


def closed(actor: Actor, other: Actor, matter: Matter) -> Matter:
    """Answered by one, verified and closed by another."""
    answered(actor, matter)
    verify_answer(other, matter.id, "看过了", done=True, **AT)
    return close_matter(other, matter.id, **AT)


def last_entry() -> tuple[str, str, str, str, dict[str, Any]]:
    """The ledger's last entry as (verb, object, place, row class, facts)."""
    entry = Entry.objects.latest("id")
    return entry.verb, entry.object_id, entry.place_id, entry.row_class, entry.facts


def raised(before: dict[str, int], *more: str) -> dict[str, int]:
    """By how much each version rose since."""
    keys = [*GRIDS, *more]
    now = versions(keys)
    return {
        key: now[key] - before.get(key, 0) for key in keys if now[key] != before.get(key, 0)
    }
