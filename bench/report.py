"""How every measurement prints what it found: as text, or as one JSON object."""

import json
import platform
from collections.abc import Sequence
from typing import Any

import click


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def spread(values: Sequence[float], digits: int = 1) -> dict[str, float]:
    """Median, p95, p99 and the longest."""
    return {
        "p50": round(percentile(values, 0.5), digits),
        "p95": round(percentile(values, 0.95), digits),
        "p99": round(percentile(values, 0.99), digits),
        "max": round(max(values, default=0.0), digits),
    }


def tell(name: str, found: dict[str, Any], *, as_json: bool) -> None:
    """Print what a measurement found."""
    whole = {
        "bench": name,
        "machine": f"{platform.machine()} {platform.python_version()}",
        **found,
    }
    if as_json:
        click.echo(json.dumps(whole, ensure_ascii=False))
        return
    click.echo(f"== {name}")
    for key, value in found.items():
        click.echo(f"{key}: {value}")
