"""What a visitor of the demo should find in any case: every stage in the demo warden's grid,
late ones too, and a report about an official who never sees it."""

import numpy as np

from lianhu.demo.arrays import Bools, Ints
from lianhu.demo.county import County
from lianhu.demo.courses import (
    ACCEPT,
    ANSWER,
    ASK,
    DISPATCH,
    HANDLE,
    NEVER,
    REPORT,
    VERIFY,
    Courses,
)
from lianhu.demo.divisions import PILOT
from lianhu.demo.officehours import DAY, MORNING
from lianhu.matters.kinds import Kind

# The stages that the demo warden's grid always shows: days ago, and the steps taken.
SHOWN = (
    (1, [REPORT]),
    (2, [REPORT, ACCEPT]),
    (3, [REPORT, ACCEPT, DISPATCH]),
    (4, [REPORT, ACCEPT, DISPATCH, HANDLE]),
    (6, [REPORT, ACCEPT, DISPATCH, HANDLE, ASK]),
    (5, [REPORT, ACCEPT, DISPATCH, HANDLE, ANSWER]),
    (7, [REPORT, ACCEPT, HANDLE, ANSWER, VERIFY]),
    (16, [REPORT, ACCEPT, DISPATCH, HANDLE]),
    (12, [REPORT]),
)
SHOWN_KINDS = (
    "environment.garbage", "errand.certificate", "environment.road", "livelihood.farm",
    "livelihood.housing", "errand.insurance", "environment.light", "dispute.boundary",
    "livelihood.water",
)  # fmt: skip


def show_official(county: County, kinds: list[Kind], kind: Ints, grid: Ints) -> None:
    """Let the first report about an official come from 双乳村: its secretary never sees it."""
    official = [k.top == "official" for k in kinds]
    first = np.flatnonzero(np.array(official)[kind])
    number = first[0] if len(first) else 0
    kind[number] = official.index(True)
    pilot = next(i for i, code in enumerate(county.codes) if code.startswith(PILOT))
    grid[number] = pilot


def show_stages(
    county: County,
    kinds: list[Kind],
    kind: Ints,
    grid: Ints,
    source: Ints,
    dispatched: Bools,
    courses: Courses,
) -> None:
    """Let a few recent matters of the demo warden's grid stand at every stage, two of them late."""
    warden = next(w for w in county.staff.workers if w.username == "warden")
    home = county.codes.index(warden.jobs[0].place)
    end = county.plan.days * DAY
    shown: set[int] = set()
    for (days, columns), code in zip(SHOWN, SHOWN_KINDS, strict=True):
        number = int(np.searchsorted(courses.times[:, REPORT], end - days * DAY + MORNING))
        number = min(number, len(kind) - 1)
        while number in shown:
            number -= 1
        shown.add(number)
        received = int(courses.times[number, REPORT])
        courses.times[number] = NEVER
        courses.times[number, columns] = received + np.arange(len(columns)) * min(
            70, (end - received) // (len(columns) + 1)
        )
        courses.captured[number] = received - 1
        kind[number] = next(i for i, k in enumerate(kinds) if k.code == code)
        grid[number], source[number], dispatched[number] = home, 0, DISPATCH in columns
