"""The county's published divisions, outline and town boxes, from `catalogue/territory/`."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lianhu.demo.arrays import Floats
from lianhu.kernel.catalogue import ROOT

COUNTY = "610921"
FOLDER = ROOT / "territory" / COUNTY
PILOT = "610921104200"  # 双乳村, where the model was first tried; holds the demo accounts
OTHER = "610921107200"  # 三塘村 of another town, for warden-2 and secretary-2


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


def read_divisions(folder: Path = FOLDER) -> list[Division]:
    """County, towns, villages and communities in the order of their codes' levels."""
    with (folder / "divisions.csv").open(encoding="utf-8", newline="") as file:
        return [Division(r["code"], r["name"], r["level"]) for r in csv.DictReader(file)]


def read_outline(folder: Path = FOLDER) -> Floats:
    """The county's outline as rows of longitude, latitude (WGS-84, schematic)."""
    shape = json.loads((folder / "outline.geojson").read_text(encoding="utf-8"))
    ring = shape["features"][0]["geometry"]["coordinates"][0][0]
    return np.asarray(ring, dtype=np.float64)


def read_boxes(folder: Path = FOLDER) -> dict[str, tuple[float, float, float, float]]:
    """West, south, east, north of each town by its code."""
    with (folder / "town_boxes.csv").open(encoding="utf-8", newline="") as file:
        return {
            r["code"]: (
                float(r["west"]),
                float(r["south"]),
                float(r["east"]),
                float(r["north"]),
            )
            for r in csv.DictReader(file)
        }
