"""`prove_division`: which groups of a division are proved to be the shortest walk there is."""

import heapq
import time
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from multiprocessing import get_context
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lianhu.grids.engine.arrays import Ints, State
from lianhu.grids.engine.divide import checked, numbered, summary
from lianhu.grids.engine.division import Division, GroupDivision
from lianhu.grids.engine.exact import impossible
from lianhu.grids.engine.part import Rows
from lianhu.grids.engine.weights import within_reach
from lianhu.grids.proof import Group, Proof, prove
from lianhu.grids.rules import Bounds, choices

SECONDS = 300.0
# Processor seconds for each group before any gets more: two of three need a few hundredths, and
# where the machine is slow the hard ones must not take the turns of the easy ones.
TURNS = (0.5, 3.0)
FEW = 20  # groups: so few that a second process would take longer to start


class Task(NamedTuple):
    """One group for one process, which ends at `deadline` (of the system's clock) at the latest;
    `known` is what its earlier turns have proved, and where they left off."""

    group: Group
    medoid: Ints
    seconds: float
    deadline: float
    known: Proof | None = None


class Proved(NamedTuple):
    """The division, shorter where the proof found one that is, and a proof a group.

    A group without a proof (None) is one whose number of grids or broken bounds were not proved
    to be needed.
    """

    division: Division
    proofs: list[Proof | None]
    seconds: float

    @property
    def share(self) -> float:
        """The share of groups that are proved."""
        done = sum(proof is not None and proof.proved for proof in self.proofs)
        return done / len(self.proofs) if self.proofs else 1.0


def prove_division(
    columns: tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike], division: Division, bounds: Bounds, *,
    seconds: float = SECONDS, processes: int = 2,
) -> Proved:  # fmt: skip
    """Proves a division without locks of `columns` (group, x, y, people), within about `seconds`.

    Every group has a short turn; those still open go on where they were, in longer and longer
    turns, the nearest to a proof first, so that the hopeless do not take the others' time.
    """
    begun = time.monotonic()
    deadline = time.time() + seconds
    rows, group = checked(*columns, None)
    order = np.argsort(group, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(group[order])) + 1)
    here = [rows.take(part) for part in parts[: len(division.groups)]]
    grid = division.grid.copy()
    tasks = {
        number: Task(_group(mine, found, bounds), _medoids(mine, found, grid), 0.0, deadline)
        for number, (mine, found) in enumerate(zip(here, division.groups, strict=True))
        if _is_plain(mine, found, bounds)
    }
    proofs = _proofs(tasks, seconds, processes if len(tasks) > FEW else 1)
    groups = list(division.groups)
    for number, proof in proofs.items():
        if proof.medoid is not None:
            groups[number] = _taken(here[number], groups[number], proof.medoid, grid, bounds)
    told = [proofs.get(number) for number in range(len(groups))]
    return Proved(Division(grid, tuple(groups)), told, time.monotonic() - begun)


def _proofs(tasks: dict[int, Task], seconds: float, processes: int) -> dict[int, Proof]:
    """What is proved of each task. A process that is free takes the group that had the fewest
    turns, of those the one nearest to a proof: it never waits for the other's long turn."""
    proofs: dict[int, Proof] = {}
    ready = [(0, 0.0, number) for number in tasks]  # turns had, gap, which
    under_way: dict[Future[Proof], tuple[int, int]] = {}
    with _workers(processes) as workers:
        while ready or under_way:
            while ready and len(under_way) <= processes:  # one waits at the door
                had, _, number = heapq.heappop(ready)
                if had and time.time() >= tasks[number].deadline:
                    continue
                task = tasks[number]._replace(seconds=_turn(had), known=proofs.get(number))
                under_way[workers.submit(_prove, task)] = had, number
            for done in wait(under_way, return_when=FIRST_COMPLETED).done:
                had, number = under_way.pop(done)
                proof = proofs[number] = done.result()
                if not proof.proved and _turn(had) < seconds:
                    heapq.heappush(ready, (had + 1, proof.gap, number))
    return proofs


def _turn(had: int) -> float:
    """Processor seconds of a group's next turn: after those of `TURNS` each is twice as long."""
    beyond = had - len(TURNS) + 1
    return TURNS[had] if beyond <= 0 else TURNS[-1] * 2**beyond


def _workers(processes: int) -> Executor:
    if processes == 1:
        return ThreadPoolExecutor(1)  # in this process: another would have to load everything
    return ProcessPoolExecutor(processes, get_context("spawn"))


def _prove(task: Task) -> Proof:
    """One turn; where the time of all is up, what is known or else the bound that prices give."""
    left, known = min(task.seconds, max(task.deadline - time.time(), 0.0)), task.known
    if known is None:
        return prove(task.group, task.medoid, left)
    if not left:
        return known
    start = task.medoid if known.medoid is None else known.medoid
    found = prove(task.group, start, left, known.open_)
    medoid = known.medoid if found.medoid is None else found.medoid
    low = max(found.bound_m, min(known.bound_m, found.walk_m))
    return found._replace(bound_m=low, medoid=medoid)


def _is_plain(rows: Rows, found: GroupDivision, bounds: Bounds) -> bool:
    """Whether this number of grids is the first that may be, and bounds are kept or as near as
    whole people allow: what is left to prove is the walk."""
    n, heads = rows.row.size, int(rows.people.sum())
    sizes, counts = np.unique(rows.people, return_counts=True)
    for k in choices(n, heads, bounds):
        bands = within_reach(n, k, bounds.households), within_reach(heads, k, bounds.people)
        if k == found.grids:
            return not any(
                bands[0].outside(size) or bands[1].outside(many) for size, many in found.sizes
            )
        if not impossible(counts.tolist(), sizes.tolist(), k, *bands):
            return False
    return False


def _group(rows: Rows, found: GroupDivision, bounds: Bounds) -> Group:
    n, heads = rows.row.size, int(rows.people.sum())
    bands = (
        within_reach(n, found.grids, bounds.households),
        within_reach(heads, found.grids, bounds.people),
    )
    return Group(rows.x, rows.y, rows.people, np.array(bands, np.float64).ravel())


def _medoids(rows: Rows, found: GroupDivision, grid: Ints) -> Ints:
    """For each household of the group the place among them of the house it walks to."""
    house = dict(zip(found.numbers, np.searchsorted(rows.row, found.medoids), strict=True))
    return np.array([house[number] for number in grid[rows.row].tolist()], np.int64)


def _taken(
    rows: Rows, found: GroupDivision, medoid: Ints, grid: Ints, bounds: Bounds
) -> GroupDivision:
    """The shorter division written into `grid`, numbered along the group as ever."""
    houses, index = np.unique(medoid, return_inverse=True)
    nothing = np.zeros(houses.size, np.int64)
    part = State(index, houses, nothing, nothing, np.zeros((0, 0)))
    names = numbered(rows, part, [], set())
    grid[rows.row] = names[index]
    leads = dict(zip(names.tolist(), rows.row[houses].tolist(), strict=True))
    return summary(found.group, rows, grid[rows.row], leads, bounds)
