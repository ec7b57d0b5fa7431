"""Verify the chain: every sealed entry read again, hashed again, compared."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, pairwise
from pathlib import Path

from django.conf import settings
from django.db import connection

from lianhu.audit.models import Seal
from lianhu.audit.reading import count_up_to, last_id, read_lines
from lianhu.audit.rules import GENESIS, Head, Range, seal_hash
from lianhu.audit.sealing import head_of
from lianhu.audit.signing import is_signed, public_key
from lianhu.kernel.postgres.owner import begin_as_owner

WINDOW = 20_000  # entries in memory at a time
WORTH_HELP = 400_000  # entries above which a second process is worth its start
MOST_TOLD = 20

Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was sealed; `code` has its words like any refusal."""

    code: str
    seal: int = 0
    detail: str = ""


@dataclass(slots=True)
class Verdict:
    """What was verified and what was found."""

    seals: int = 0
    entries: int = 0
    unsealed: int = 0
    faults: list[Fault] = field(default_factory=list)
    head: Head | None = None

    @property
    def good(self) -> bool:
        """Whether the ledger is as it was sealed."""
        return not self.faults


def verify_ledger(*, heads: Sequence[Head] = (), told: Told | None = None) -> Verdict:
    """Read the whole chain; `heads` are anchors kept elsewhere that it must still contain.

    `told` is called with the number of entries read. The latest seal's signature is verified,
    which covers every seal before it.
    """
    # open to all: hashes and numbers, nothing of any entry.
    last = Seal.objects.order_by("-number").first()
    verdict = Verdict()
    if last is not None:
        verdict.seals, verdict.entries = last.number, last.entries
        verdict.head = head_of(last)
        verdict.faults += _check_signature(verdict.head)
        verdict.faults += _walk(last.number, last.entries, told)
        if not any(fault.code == "audit.gap" for fault in verdict.faults):
            verdict.faults += _strangers(last)
        verdict.unsealed = _count_all() - last.entries
    for head in heads:
        verdict.faults += _check_anchor(head, last)
    verdict.faults = verdict.faults[:MOST_TOLD]
    return verdict


def _count_all() -> int:
    return count_up_to(last_id())


def _check_signature(head: Head) -> list[Fault]:
    if is_signed(head.message(), head.signature, public_key()):
        return []
    return [Fault("audit.bad_signature", head.number)]


def _check_anchor(head: Head, last: Seal | None) -> list[Fault]:
    """Whether the chain still holds an anchor: a head noted earlier and kept elsewhere."""
    if head.signature and not is_signed(head.message(), head.signature, head.key):
        return [Fault("audit.bad_anchor", head.number)]
    if last is None or head.number > last.number:
        return [Fault("audit.truncated", head.number, f"{last.number if last else 0}")]
    # open to all: a hash.
    seal = Seal.objects.filter(number=head.number).first()
    if seal is None or bytes(seal.hash).hex() != head.hash or seal.entries != head.entries:
        return [Fault("audit.rechained", head.number)]
    return []


def _strangers(last: Seal) -> list[Fault]:
    """Entries that appeared where, by the seals, none had ever been."""
    inside = 0
    # open to all: numbers of entries only.
    rows = Seal.objects.order_by("number").values_list("ranges", "last_id")
    for ranges, top in rows.iterator(chunk_size=2000):
        if top <= last.floor:
            inside += sum(b - a + 1 for a, b in ranges)
        else:
            inside += sum(max(0, min(b, last.floor) - a + 1) for a, b in ranges)
    extra = count_up_to(last.floor) - inside
    return [Fault("audit.forged", detail=str(extra))] if extra > 0 else []


def _walk(number: int, entries: int, told: Told | None) -> list[Fault]:
    """Every seal hashed again, in one process or in two."""
    helpers = min(os.cpu_count() or 1, 4)
    name = str(settings.DATABASES["default"]["NAME"])
    in_memory = connection.vendor == "sqlite" and not Path(name).is_file()
    if entries < WORTH_HELP or helpers < 2 or in_memory:
        return walk(1, number, told)
    return _walk_together(number, helpers, told)


def _walk_together(number: int, helpers: int, told: Told | None) -> list[Fault]:
    # open to all: numbers of entries only.
    rows = Seal.objects.order_by("number").values_list("number", "entries")
    total = rows.last()
    whole = total[1] if total else 0
    parts = helpers * 4
    edges, aim = [0], 1
    for at, entries in rows.iterator(chunk_size=5000):
        if entries * parts >= aim * whole:
            edges.append(at)
            aim = entries * parts // whole + 1
    connection.close()
    faults: list[Fault] = []
    # A helper is a fresh process; it cannot load this module, and so nothing of it, before
    # Django is set up.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(helpers, mp_context=spawn, initializer=begin_as_owner) as pool:
        pairs = [(a + 1, b) for a, b in pairwise(edges) if b > a]
        for (_, found), _edge in zip(pool.map(_walk_part, pairs), pairs, strict=True):
            faults += found
            if told:
                told(whole // len(pairs))
    return faults


def _walk_part(pair: Range) -> tuple[Range, list[Fault]]:
    return pair, walk(*pair)


def walk(first: int, last: int, told: Told | None = None) -> list[Fault]:
    """Verify seals `first` to `last`, starting from the hash that the seal before holds.

    Two neighbouring parts together verify what one walk would: the earlier one ends in the hash
    from which the later one starts.
    """
    before, entries = GENESIS, 0
    if first > 1:
        # open to all: a hash.
        seal = Seal.objects.filter(number=first - 1).first()
        if seal is None:
            return [Fault("audit.gap", first - 1)]
        before, entries = bytes(seal.hash), seal.entries
    faults: list[Fault] = []
    expected = first
    for window in _windows(first, last):
        lines = _lines(window)
        for seal in window:
            if seal.number != expected:
                return [*faults, Fault("audit.gap", expected)]
            fault, size = _check(seal, before, entries, lines)
            if fault:
                faults.append(fault)
                if len(faults) >= MOST_TOLD:
                    return faults
            before, entries, expected = bytes(seal.hash), seal.entries, expected + 1
            if told:
                told(size)
    if expected != last + 1:
        faults.append(Fault("audit.gap", expected))
    return faults


def _windows(first: int, last: int) -> Iterator[list[Seal]]:
    # open to all: numbers of entries and hashes only.
    rows = Seal.objects.filter(number__gte=first, number__lte=last).order_by("number")
    window: list[Seal] = []
    size = 0
    for seal in rows.iterator(chunk_size=500):
        window.append(seal)
        size += sum(b - a + 1 for a, b in seal.ranges)
        if size >= WINDOW:
            yield window
            window, size = [], 0
    if window:
        yield window


def _lines(window: list[Seal]) -> dict[int, bytes]:
    ranges = [(a, b) for seal in window for a, b in seal.ranges]
    return dict(read_lines(ranges))


def _check(
    seal: Seal, before: bytes, entries: int, lines: dict[int, bytes]
) -> tuple[Fault | None, int]:
    ranges: list[Range] = [(a, b) for a, b in seal.ranges]
    ids = list(chain.from_iterable(range(a, b + 1) for a, b in ranges))
    missing = [number for number in ids if number not in lines]
    if missing:
        return Fault("audit.deleted", seal.number, str(missing[0])), len(ids)
    hashed = seal_hash(before, seal.number, ranges, (lines[number] for number in ids))
    if hashed != bytes(seal.hash) or seal.entries != entries + len(ids):
        span = f"{ids[0]}–{ids[-1]}" if ids else ""
        return Fault("audit.edited", seal.number, span), len(ids)
    return None, len(ids)
