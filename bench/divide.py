"""Division into grids on three made-up counties and the demo's, beside k-means-constrained in the
same run.

Workload: 90,000 households in 1,150 groups (`bench.counties`, seeds 1-3), the article's bounds; and
the demo county's own households and bounds.
"Above best" compares with the best total that eight times the search finds, over the groups
whose totals allow both bounds. k-means-constrained gets the same points and number of grids, as
many households each as the bounds say; it knows no bound on people. It is measured on every
`EACH`th group and its time multiplied; without the package (`uv pip install --group bench`) that
part is left out.
Then every group of the three is proved, as `--prove` does, within five minutes a county.
Times are CPU seconds; the first run of an installation compiles the engine, told apart.
"""

import importlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from typing import Any

import numpy as np

from bench.counties import County, county, demo_county
from bench.report import tell
from lianhu.demo.grids import BOUNDS as DEMO_BOUNDS
from lianhu.grids.engine.divide import divide_groups
from lianhu.grids.engine.division import Division, GroupDivision
from lianhu.grids.engine.redivide import redivide
from lianhu.grids.proving import prove_division
from lianhu.grids.rules import Bounds, choices

SEEDS = (1, 2, 3)
LONGER = 8
EACH = 10
BOUNDS = Bounds()
DRIFT = 0.05  # as catalogue/grids/bounds.toml has it
YEAR = 2027
SMALL = (
    "from lianhu.grids.engine.divide import *;"
    "divide_groups([0]*50, range(50), range(50), [4]*50, Bounds(), seed=1)"
)


def may_keep(group: GroupDivision, bounds: Bounds) -> bool:
    """Whether the totals of a group allow both bounds."""
    households = sum(size for size, _ in group.sizes)
    people = sum(heads for _, heads in group.sizes)
    k = choices(households, people, bounds)[0]
    return not bounds.excess(households, people, k)


def timed(land: County, bounds: Bounds, thorough: int = 1) -> tuple[Division, float]:
    """The division and its CPU seconds."""
    begun = time.process_time()
    division = divide_groups(*land, bounds, seed=321, thorough=thorough)
    return division, time.process_time() - begun


def measure(land: County, bounds: Bounds) -> tuple[Division, list[bool], dict[str, Any]]:
    """One county: its division, which groups can keep the bounds, and how good and fast it is."""
    division, seconds = timed(land, bounds)
    best, longer = timed(land, bounds, LONGER)
    fit = [may_keep(g, bounds) for g in division.groups]
    walks = [
        (mine.walk_m, min(mine.walk_m, other.walk_m))
        for mine, other, ok in zip(division.groups, best.groups, fit, strict=True)
        if ok
    ]
    mine, least = (sum(column) for column in zip(*walks, strict=True))
    kept = [not g.violations for g, ok in zip(division.groups, fit, strict=True) if ok]
    found = {
        "groups_that_can_keep_bounds": len(kept),
        "kept_percent": round(100 * sum(kept) / len(kept), 2),
        "km": round(mine / 1000, 1),
        "above_best_percent": round(100 * (mine / least - 1), 4),
        "cpu_seconds": round(seconds, 2),
        "cpu_seconds_of_the_best": round(longer, 1),
        **_beside(land, division, fit, bounds),
    }
    return division, fit, found


def measure_whole(seed: int) -> dict[str, Any]:
    """One of the three counties, with proofs and a year later."""
    land = county(seed)
    division, fit, found = measure(land, BOUNDS)
    return found | {
        "proof": _proof(land, division, fit),
        "a_year_later": year_later(land, division),
    }


def measure_demo() -> dict[str, Any]:
    """The demo's county."""
    land = demo_county()
    division, _, found = measure(land, DEMO_BOUNDS)
    grids = sum(group.grids for group in division.groups)
    return {
        "households": land.group.size,
        "groups": len(division.groups),
        "grids": grids,
    } | found


def _proof(land: County, division: Division, fit: list[bool]) -> dict[str, Any]:
    """How many groups are proved to walk the least, in seconds on two processes, and how far the
    division was from what is proved or, where it is not, from the bound."""
    proved = prove_division(land, division, BOUNDS)
    open_ = [p for p in proved.proofs if p is None or not p.proved]
    known = [
        (group.walk_m, proof.walk_m, proof.bound_m)
        for group, proof, ok in zip(division.groups, proved.proofs, fit, strict=True)
        if ok and proof is not None
    ]
    mine, best, bound = (sum(column) for column in zip(*known, strict=True))
    return {
        "proved_percent": round(100 * proved.share, 2),
        "groups_not_proved": len(open_),
        "largest_gap_percent": round(100 * max((p.gap for p in open_ if p), default=0.0), 2),
        "seconds_on_two_processes": round(proved.seconds, 1),
        "division_above_proof_percent": round(100 * (mine / best - 1), 4),
        "division_above_bound_percent": round(100 * (mine / bound - 1), 4),
    }


def _beside(
    land: County, division: Division, fit: list[bool], bounds: Bounds
) -> dict[str, Any]:
    """k-means-constrained on every `EACH`th group that can keep its bounds."""
    if importlib.util.find_spec("k_means_constrained") is None:
        return {}
    model_of = importlib.import_module("k_means_constrained").KMeansConstrained
    low, high = bounds.households
    kept, walk, mine, spent = [], 0.0, 0.0, 0.0
    groups = [g for g, ok in zip(division.groups, fit, strict=True) if ok][::EACH]
    for group in groups:
        at = np.flatnonzero(land.group == group.group)
        points = np.stack([land.x[at], land.y[at]], 1)
        begun = time.process_time()
        model = model_of(group.grids, size_min=low, size_max=min(high, len(at)), random_state=1)
        label = model.fit_predict(points)
        spent += time.process_time() - begun
        heads = np.bincount(label, land.people[at], minlength=group.grids)
        kept.append(all(not bounds.people.outside(int(many)) for many in heads))
        walk += sum(_medoid_walk(points[label == g]) for g in range(group.grids))
        mine += group.walk_m
    share = len(groups) / sum(fit)
    return {
        "kmeans_constrained": {
            "groups": len(groups),
            "kept_percent": round(100 * sum(kept) / len(kept), 1),
            "walk_against_ours": round(walk / mine, 4),
            "cpu_seconds_for_the_county": round(spent / share, 1),
        }
    }


def year_later(land: County, division: Division) -> dict[str, Any]:
    """Re-division after a made-up year: of 100 households 2 leave, 2 come, 6 grow or shrink."""
    rng = np.random.default_rng(YEAR)
    stays = rng.random(land.group.size) >= 0.02
    group, x, y = land.group[stays], land.x[stays], land.y[stays]
    grown = rng.choice(np.array([-1, 0, 1]), group.size, p=[0.03, 0.94, 0.03])
    people = np.maximum(land.people[stays] + grown, 1)
    comes = rng.choice(group.size, group.size // 50, replace=False)
    group, y = np.append(group, group[comes]), np.append(y, y[comes])
    x = np.append(x, x[comes] + rng.normal(0, 50, comes.size))
    people = np.append(people, rng.permutation(people[comes]))
    before = np.append(division.grid[stays], np.zeros(comes.size, np.int64))
    begun = time.process_time()
    after = redivide(group, x, y, people, BOUNDS, before=before, seed=1, drift=DRIFT)
    spent = time.process_time() - begun
    fresh = divide_groups(group, x, y, people, BOUNDS, seed=321)
    return {
        "memberships_changed_percent": round(100 * after.moved.size / int(stays.sum()), 3),
        "walk_against_fresh": round(after.division.walk_m / fresh.walk_m, 4),
        "groups_offered_a_fresh_division": len(after.offer_fresh),
        "broken": sum(bool(g.violations) for g in after.division.groups),
        "broken_by_fresh": sum(bool(g.violations) for g in fresh.groups),
        "ms_a_group": round(1000 * spent / len(after.division.groups), 1),
    }


def _medoid_walk(points: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    """Metres to the best medoid."""
    away = points[:, None] - points[None]
    return float(np.hypot(away[..., 0], away[..., 1]).sum(1).min())


def starting() -> dict[str, float]:
    """CPU seconds of a process that divides one small group: nothing compiled yet, and warm."""
    found = {}
    with tempfile.TemporaryDirectory() as cache:
        for name in ("cold", "warm"):
            before = os.times()
            subprocess.run(  # noqa: S603 - our own module
                [sys.executable, "-c", SMALL],
                check=True,
                env=os.environ | {"NUMBA_CACHE_DIR": cache},
            )
            after = os.times()
            spent = after.children_user - before.children_user
            spent += after.children_system - before.children_system
            found[name] = round(spent, 1)
    return found


def main(*, as_json: bool) -> None:
    """`lianhu bench divide`."""
    divide_groups([0] * 50, range(50), range(50), [4] * 50, BOUNDS, seed=1)  # loads the engine
    found: dict[str, Any] = {"households": 90_000, "groups": 1_150}
    found["demo county"] = measure_demo()
    found |= {f"county {seed}": measure_whole(seed) for seed in SEEDS}
    found["start_cpu_seconds"] = starting()
    tell("divide", found, as_json=as_json)


if __name__ == "__main__":
    main(as_json="--json" in sys.argv)
