"""A county's published divisions, from `catalogue/territory/<code>/divisions.csv`."""

import csv
from dataclasses import dataclass

from lianhu.kernel.catalogue import ROOT
from lianhu.kernel.errors import Refusal

FOLDER = ROOT / "territory"


@dataclass(frozen=True, slots=True)
class Division:
    """One published place: its code without trailing zeros, its everyday name, its level."""

    code: str
    name: str
    level: str

    @property
    def is_community(self) -> bool:
        """Whether townspeople live here rather than villagers."""
        return self.level == "community"


def read_divisions(county: str) -> list[Division]:
    """County, towns, villages and communities in the order of their codes' levels.

    Refuses ``place.no_divisions`` for a county whose divisions are not in the catalogue.
    """
    file = FOLDER / county / "divisions.csv"
    if not (county.isascii() and county.isdecimal() and file.is_file()):
        raise Refusal("place.no_divisions", place=county)
    with file.open(encoding="utf-8", newline="") as rows:
        return [Division(r["code"], r["name"], r["level"]) for r in csv.DictReader(rows)]
