"""Seal entries into the chain, after the fact: never in the way of who writes them.

An entry is sealed once it can be seen, in whatever order transactions ended. One with a lower id
that commits later finds its place in a later seal, because the `floor`, below which nobody looks
again, rises only when every transaction that may hold a lower id is over.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Thread

from django.db import DatabaseError, IntegrityError, connection
from django.utils import timezone

from lianhu.audit.lasting import remember
from lianhu.audit.models import Seal
from lianhu.audit.queries import epoch
from lianhu.audit.reading import last_id, one_sealer, read_ids, read_lines, writers
from lianhu.audit.rules import GENESIS, Head, ranges_of, seal_hash
from lianhu.audit.signing import head_file, public_key, sign, write_head
from lianhu.kernel.errors import Refusal
from lianhu.kernel.scope import Whole, whole_county
from lianhu.kernel.transactions import one_writer

log = logging.getLogger(__name__)
MOST = 20_000  # entries to one seal
EVERY = 10.0  # seconds between two looks of the server


@dataclass(slots=True)
class _Found:
    """Entries to seal, and how far everything is settled once they are."""

    ids: list[int]
    floor: int
    pending: dict[str, object]


def seal_all(*, at: datetime) -> int:
    """Seal whatever can be seen; how many entries. Refuses ``keys.no_ledger_key``."""
    whole = 0
    while sealed := seal_some(at=at):
        whole += sealed
    return whole


def seal_some(*, at: datetime, most: int = MOST) -> int:
    """Seal at most so many entries in one seal; 0 when there are none or somebody else is at it.

    Its own transaction: either the seal is there whole, or it was never made.
    """
    public_key()  # without a key nothing is begun
    try:
        with _turn() as mine:
            made = _make(at, most) if mine else None
    except IntegrityError:
        return 0  # this number was taken meanwhile
    if made is None:
        return 0
    write_head(head_of(made), head_file())
    return sum(last - first + 1 for first, last in made.ranges)


@contextmanager
def _turn() -> Iterator[bool]:
    if connection.vendor == "sqlite":
        yield True  # reading holds up nobody; the number decides who came first
    else:
        with one_sealer() as mine:
            yield mine


def _make(at: datetime, most: int) -> Seal | None:
    life, last = epoch(), _last()
    found = _unsealed(last, most)
    if not found.ids:
        return None
    ranges = ranges_of(found.ids)
    wanted = set(found.ids)
    lines = (text for number, text in read_lines(ranges) if number in wanted)
    number = last.number + 1 if last else 1
    seal = Seal(
        number=number,
        epoch=life,
        at=at,
        entries=(last.entries if last else 0) + len(found.ids),
        last_id=found.ids[-1],
        ranges=[list(r) for r in ranges],
        hash=seal_hash(bytes(last.hash) if last else GENESIS, number, ranges, lines),
        floor=found.floor,
        pending=found.pending,
    )
    seal.signature = sign(head_of(seal).message())
    remember(ranges)
    with one_writer():
        # A restore may have put another database in this one's place while we read.
        now = _last()
        if epoch() != life or (now and now.number) != (last and last.number):
            return None
        seal.save(force_insert=True)
    return seal


def _last() -> Seal | None:
    # open to all: hashes and numbers, nothing of any entry.
    return Seal.objects.order_by("-number").first()


def _unsealed(last: Seal | None, most: int) -> _Found:
    """What nobody sealed yet. The order of the questions matters: first the highest id, then who
    is writing, then the ids; see `reading.writers`."""
    floor = last.floor if last else 0
    top = last_id()
    busy = writers()
    settled = _settled(last, busy)
    above = _sealed_above(floor)
    seen = read_ids(floor, most + len(above))
    fresh = [number for number in seen if number not in above][:most]
    if len(seen) == most + len(above) and fresh:
        top = min(top, fresh[-1])
    if busy:
        return _Found(fresh, max(floor, min(settled, top)), {"upto": top, "writers": busy})
    return _Found(fresh, max(floor, top), {})


def _settled(last: Seal | None, busy: list[str]) -> int:
    """The id up to which nothing new can appear, by what the last seal waited for.

    Only ids seen after this question count as seen: the floor may rise to it after them.
    """
    waited = last.pending if last else {}
    return 0 if not waited or set(waited["writers"]) & set(busy) else int(waited["upto"])


def _sealed_above(floor: int) -> set[int]:
    found: set[int] = set()
    # open to all: numbers of entries only.
    for ranges in Seal.objects.filter(last_id__gt=floor).values_list("ranges", flat=True):
        for first, last in ranges:
            found.update(range(max(first, floor + 1), last + 1))
    return found


def head_of(seal: Seal) -> Head:
    """The signed head that a seal is."""
    return Head(
        epoch=str(seal.epoch),
        number=seal.number,
        entries=seal.entries,
        hash=bytes(seal.hash).hex(),
        at=seal.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        key=public_key(),
        signature=bytes(seal.signature or b"").hex(),
    )


def latest_head() -> Head | None:
    """The head of the newest seal, None before the first."""
    # open to all: hashes and counts, nothing of any entry.
    seal = Seal.objects.order_by("-number").first()
    return head_of(seal) if seal else None


def start_sealer(every: float = EVERY) -> Event:
    """Seal now and then in a thread of this process, until the event is set."""
    stop = Event()

    def run() -> None:
        with whole_county(Whole.SEALER):
            look()

    def look() -> None:
        sealed = False
        while not stop.wait(every):
            try:
                seal_all(at=timezone.now())
                sealed = True
            except Refusal as refusal:
                log.warning("ledger.not_sealed", extra={"code": refusal.code})
                return
            except Exception as error:
                # Nothing is lost: the entries stay unsealed until the next look. A server may be up
                # before its database is migrated: then there is no ledger yet, and no fault.
                if sealed or not isinstance(error, DatabaseError):
                    log.exception("ledger.not_sealed")
            finally:
                connection.close()

    Thread(target=run, name="ledger-sealer", daemon=True).start()
    return stop
