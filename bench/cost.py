"""What row-level security and field encryption cost: letters and lists with and without, in one run.

Four counties on PostgreSQL, made and served alike but for the two: letters as `bench.letters` sends
them, in turns of some seconds each, so that a busy moment slows all four; desk pages as `bench.pages`
asks for them, request by request in turn. The baseline is the county without either. Ratios are to
it: letters a second (more is better), processor time of the server a letter, and the median of all
pages' medians.
"""

from contextlib import ExitStack
from statistics import mean, median
from typing import Any

from bench import letters, pages
from bench.report import tell
from bench.serving import County

SCALE = 0.2
TURNS = 3
WAYS: dict[str, dict[str, Any]] = {
    "neither": {"settings": "bench.unsealed"},
    "sealed": {},
    "row security": {"settings": "bench.unsealed", "guarded": True},
    "both": {"guarded": True},
}


def _letters(counties: dict[str, County]) -> dict[str, dict[str, dict[str, float]]]:
    phones = {
        way: letters.phones_of(county, letters.CLIENTS) for way, county in counties.items()
    }
    found: dict[str, dict[str, dict[str, float]]] = {way: {} for way in counties}
    for name, batch in (("one", 1), ("twenty", 20)):
        seen: dict[str, list[dict[str, Any]]] = {way: [] for way in counties}
        for turn in range(TURNS + 1):
            for way, county in counties.items():
                measured = letters.measure(county, phones[way], batch)
                if turn:  # the first is for warmth
                    seen[way].append(measured)
        for way, measures in seen.items():
            found[way][name] = {
                figure: round(mean(m[figure] for m in measures), 2)
                for figure in ("letters_per_s", "server_cpu_ms_per_letter")
            }
    return found


def _ratio(figure: float, base: float) -> float:
    return round(figure / base, 3)


def main(*, as_json: bool) -> None:
    """`lianhu bench cost`."""
    with ExitStack() as stack:
        counties = {
            way: stack.enter_context(County("postgres", scale=SCALE, **how))
            for way, how in WAYS.items()
        }
        for county in counties.values():
            county.serve()
        sent, asked = _letters(counties), pages.measure(counties)
    lists = {
        way: round(median(f["p50"] for name, f in figures.items() if name != "healthz"), 1)
        for way, figures in asked.items()
    }
    bare = sent["neither"]
    found = {
        way: {
            "letters": {
                name: figures
                | {
                    f"{figure}_ratio": _ratio(value, bare[name][figure])
                    for figure, value in figures.items()
                }
                for name, figures in sent[way].items()
            },
            "pages_ms": lists[way],
            "pages_ratio": _ratio(lists[way], lists["neither"]),
            "slowest_p95_ms": max(f["p95"] for f in asked[way].values()),
        }
        for way in WAYS
    }
    tell(
        "cost", {"scale": SCALE, "turns": TURNS, "seed": letters.SEED, **found}, as_json=as_json
    )
