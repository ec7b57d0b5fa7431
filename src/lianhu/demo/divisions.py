"""Where the demo county is: its outline and town boxes, from `catalogue/territory/`."""

import csv
import json
from pathlib import Path

import numpy as np

from lianhu.demo.arrays import Floats
from lianhu.kernel.catalogue import ROOT

COUNTY = "610921"
FOLDER = ROOT / "territory" / COUNTY
PILOT = "610921104200"  # 双乳村, where the model was first tried; holds the demo accounts
OTHER = "610921107200"  # 三塘村 of another town, for warden-2 and secretary-2


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
