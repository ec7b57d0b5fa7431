"""Read the dated, sourced data of `catalogue/` that an official may change."""

import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3] / "catalogue"


@cache
def read(name: str) -> dict[str, Any]:
    """The content of one catalogue file, e.g. ``read("roles/offices.toml")``; kept in memory."""
    return tomllib.loads((ROOT / name).read_text(encoding="utf-8"))


@cache
def read_folder(name: str) -> tuple[dict[str, Any], ...]:
    """Every TOML file of a folder, in the order of their names."""
    return tuple(
        tomllib.loads(p.read_text(encoding="utf-8"))
        for p in sorted((ROOT / name).glob("*.toml"))
    )


def in_force(
    versions: Iterator[dict[str, Any]] | list[dict[str, Any]], on: date
) -> dict[str, Any]:
    """The version with the latest `from` (inclusive) not after `on`, else the earliest."""
    ordered = sorted(versions, key=lambda v: v["from"])
    valid = [v for v in ordered if v["from"] <= on]
    return valid[-1] if valid else ordered[0]
