"""Letters and parcels at 1x, 3x and 10x the county's matters.

Workload: the whole demo county; eight phones of eight wardens send letters singly and in twenties,
in turns of three seconds to each size, three times (`bench/letters.py`); then what phones wait for
over a slow link (`bench/parcels.py`). The copies are matters of the same places and days, so a
grid's parcel holds more of them: its bytes stand beside its seconds. Baseline: the 1x county in the
same run. Pages and their search grow in `bench/pages.py`.
"""

from typing import Any

from bench.growing import three_sizes
from bench.letters import CLIENTS, measure, phones_of
from bench.parcels import over_link
from bench.report import tell
from bench.serving import County

TURN, TURNS = 3.0, 3


def _letters(counties: dict[str, County]) -> dict[str, dict[str, float]]:
    """Letters a second and the server's processor time for one, each the best of its turns: the
    machine can only make them worse."""
    phones = {size: phones_of(county, CLIENTS) for size, county in counties.items()}
    found: dict[str, dict[str, float]] = {size: {} for size in counties}
    for size, county in counties.items():
        measure(county, phones[size], 1, TURN)  # warm
    for batch in (1, 20):
        turns: dict[str, list[dict[str, Any]]] = {size: [] for size in counties}
        for _ in range(TURNS):
            for size, county in counties.items():
                turns[size].append(measure(county, phones[size], batch, TURN))
        for size, seen in turns.items():
            found[size][f"in {batch}s, a second"] = max(t["letters_per_s"] for t in seen)
            found[size][f"in {batch}s, processor ms"] = min(
                t["server_cpu_ms_per_letter"] for t in seen
            )
    return found


def run(kind: str) -> dict[str, Any]:
    """What was seen at each size, and each figure at 3x and 10x as a ratio to 1x."""
    with three_sizes(kind) as counties:
        sent = _letters(counties)
        linked = {size: over_link(county) for size, county in counties.items()}
    return {
        "letters": sent,
        "letters_growth": _growth(sent),
        "link": linked,
        "link_growth": _growth(
            {size: {n: f["seconds"] for n, f in seen.items() if isinstance(f, dict)}
             for size, seen in linked.items()}
        ),
    }  # fmt: skip


def _growth(seen: dict[str, dict[str, float]]) -> dict[str, list[float]]:
    """Each figure at 3x and 10x against 1x; above 1 is worse, of rates and of times."""
    return {
        name: [
            round(
                one / seen[size][name] if name.endswith("a second") else seen[size][name] / one,
                2,
            )
            for size in ("3x", "10x")
        ]
        for name, one in seen["1x"].items()
    }


def main(*, as_json: bool) -> None:
    """`lianhu bench growth`."""
    tell("growth", {kind: run(kind) for kind in ("sqlite", "postgres")}, as_json=as_json)
