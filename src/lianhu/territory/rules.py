"""Codes of places: level, ancestors and ranges; kinds of what there is at one. Pure.

Source: GB/T 2260 (county), GB/T 10114 (town, village), then two digits for a group and three for
a grid, which are ours.
"""

from typing import NamedTuple

from lianhu.kernel.catalogue import read

LEVELS = {6: "county", 9: "town", 12: "village", 14: "group", 17: "grid"}


def level_of(code: str) -> str:
    """The level that the length of a code tells; "" for no code at all."""
    return LEVELS.get(len(code), "") if code.isascii() and code.isdigit() else ""


def ancestors(code: str) -> list[str]:
    """The codes above, widest first, the code itself last."""
    return [code[:length] for length in LEVELS if length <= len(code)]


def parent_of(code: str) -> str:
    """The code of the next wider place; "" for a county."""
    above = ancestors(code)
    return above[-2] if len(above) > 1 else ""


def national_code(code: str) -> str:
    """The 12-digit form used outside: 610921 becomes 610921000000."""
    return code[:12].ljust(12, "0")


class Kind(NamedTuple):
    """A kind of resource: its sort (contact, hazard, facility, service) and its name."""

    sort: str
    name: str


def resource_kinds() -> dict[str, Kind]:
    """Every kind by code, in the order shown (catalogue/resources.toml)."""
    rows = read("resources.toml")["kinds"]
    order = list(resource_sorts())
    rows = sorted(rows, key=lambda row: order.index(row["sort"]))
    return {row["code"]: Kind(row["sort"], row["name"]) for row in rows}


def resource_sorts() -> dict[str, str]:
    """The sorts in words, in the order shown."""
    return dict(read("resources.toml")["sorts"])
