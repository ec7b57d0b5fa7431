"""`lianhu keys rotate`: everything sealed and indexed anew under a new version, online.

Of what persons' own keys seal, the keys are sealed anew and the values left; what the ring still
sealed of a person moves to her key.

Two things make it safe beside a server under way. A version is known to every process before
anything is sealed with it, and seals everywhere before anything old is sealed anew; and a value is
only replaced as long as it is what was read, so nobody's change is lost. Cut off anywhere, the
next run goes on: which version a value is of stands in the value.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from lianhu.accounts.queries.actors import system_actor
from lianhu.audit.actions import record
from lianhu.keeping.actions.backup import Told, no_telling
from lianhu.keeping.actions.reseal import reseal_table
from lianhu.keeping.columns import KEYS, TABLES
from lianhu.keeping.owned import lost_values, own_values, owned_columns
from lianhu.keeping.sealed import Need, needs
from lianhu.kernel.errors import Refusal
from lianhu.kernel.keyring import (
    LOOK,
    MOST_VERSIONS,
    Version,
    fresh_ring,
    new_entry,
    read_content,
    write_content,
)
from lianhu.territory.models import Place

PASSES = 5
KNOWN_AFTER = 2 * LOOK


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did: the version, whether it went on with an earlier run, rows sealed anew,
    what was left because somebody held it (the next run takes it), and how many values lost their
    own key, so that they stay as they are and nobody needs a version for them."""

    version: int
    suite: str
    resumed: bool
    rows: int
    left: int
    lost: int
    seconds: float


def rotate(
    *, at: datetime, told: Told = no_telling, pause: float = 1.0, grace: float = KNOWN_AFTER
) -> Rotation:
    """Seal everything under a new version, or go on with a run that was cut off.

    `pause` is how long to leave the database to others after each transaction, in lengths of the
    transaction; `grace` how many seconds until every process has read the ring anew. Refuses
    ``keys.busy`` (another one runs), ``keys.no_version``, and as `ring`.
    """
    start = time.perf_counter()
    with alone():
        version, resumed = _begin(grace)
        rows = 0
        for _ in range(PASSES):
            rows += sum(reseal_table(table, version, told, pause) for table in TABLES)
            left = sum(need.values for need in _others(version))
            if not left:
                break
        lost = sum(lost_values(table, column) for table, column in owned_columns())
        found = Rotation(
            version.number, version.suite.name, resumed, rows, left, lost,
            round(time.perf_counter() - start, 1),
        )  # fmt: skip
        note_keys("keys.rotate", version.number, at, rows=rows, left=left, lost=lost)
    return found


@contextmanager
def alone() -> Iterator[None]:
    """One change of the ring at a time; refuses ``keys.busy``."""
    path = Path(settings.LIANHU_KEYS)
    with path.with_name(f"{path.name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Refusal("keys.busy") from error
        yield


def note_keys(verb: str, number: int, at: datetime, **facts: Any) -> None:
    """Write into the ledger what was done with a version."""
    county = Place.objects.filter(level="county").order_by("code").first()
    code = county.code if county else ""
    with transaction.atomic():
        record(
            system_actor(code),
            verb,
            "keys",
            str(number),
            code,
            at=at,
            quiet=True,
            **facts,
        )


def _others(version: Version) -> list[Need]:
    """What is still to be done: values and indexes of other versions, and what persons' own keys
    sealed by another suite (of which the version is 0)."""
    found = [need for need in needs() if need.version != version.number]
    if other := own_values(version.suite):
        found.append(Need(KEYS.label, "", 0, other))
    return found


def _begin(grace: float) -> tuple[Version, bool]:
    """The version to seal with from now on, known and in use everywhere; whether it is that of a
    run before."""
    path = Path(settings.LIANHU_KEYS)
    keys = fresh_ring()
    missing = sorted({need.version for need in needs()} - set(keys.versions))
    if missing:
        raise Refusal("keys.no_version", number=missing[0])
    if _others(keys.newest):
        return keys.newest, True
    last = keys.versions[max(keys.versions)]
    waiting = last is not keys.newest and last.suite.name == settings.LIANHU_SUITE
    if not waiting:
        content = read_content(path)
        number = max(keys.versions) + 1
        if number > MOST_VERSIONS:
            raise Refusal("keys.unreadable", path=str(path))
        content["versions"][str(number)] = new_entry(settings.LIANHU_SUITE)
        write_content(path, content)
        time.sleep(grace)
    content = read_content(path)
    content["current"] = max(fresh_ring().versions)
    write_content(path, content)
    time.sleep(grace)
    return fresh_ring().newest, waiting
