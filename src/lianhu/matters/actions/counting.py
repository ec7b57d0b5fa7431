"""Keep the counts of closed matters that the home page reads, in the transaction of the step.

Only closing and taking up again touch them. A county's share of matters answered in time looks at
three months of closed ones, ten thousand rows for one figure; these are ninety.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from django.db import connection
from django.utils.timezone import localdate

from lianhu.kernel.direct import run_statement
from lianhu.matters.models import EndedCount, Matter
from lianhu.matters.rules import Stage
from lianhu.territory.models import RowClass

LEVELS = (6, 9, 12)  # lengths of the codes of county, town and village
CHUNK = 200  # rows of one statement
Ended = tuple[str, str, str, date, datetime | None, datetime]


def count_ended(matter: Matter, by: int) -> None:
    """Count a matter in (`by` 1, as it is closed) or out (-1, before it is taken up again)."""
    _add(
        [
            (matter.place_id, matter.row_class, matter.stage, matter.due_on, matter.answered_at,
             matter.received_at)
        ],
        by,
    )  # fmt: skip


def count_loaded(matters: Iterable[Ended]) -> None:
    """Count in those closed of many matters: (place, row class, stage, due_on, answered_at,
    received_at) each."""
    _add(matters, 1)


def _add(matters: Iterable[Ended], by: int) -> None:
    """Confidential ones are left out: who may know of them differs from person to person."""
    ended: Counter[tuple[str, date]] = Counter()
    in_time: Counter[tuple[str, date]] = Counter()
    for place, row_class, stage, due_on, answered_at, received_at in matters:
        if stage != Stage.CLOSED or row_class != RowClass.ORDINARY:
            continue
        good = answered_at is not None and localdate(answered_at) <= due_on
        for length in LEVELS:
            if len(place) >= length:
                key = place[:length], localdate(received_at)
                ended[key] += by
                in_time[key] += by * good
    rows = [(*key, ended[key], in_time[key]) for key in sorted(ended)]
    for start in range(0, len(rows), CHUNK):
        _write(rows[start : start + CHUNK])


def _write(rows: list[tuple[str, date, int, int]]) -> None:
    """Add to rows in the order of their keys, so that two closings never wait crosswise."""
    lines = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
    run_statement(
        "INSERT INTO matters_endedcount (place, received_on, ended, in_time)"  # noqa: S608
        f" VALUES {lines} ON CONFLICT (place, received_on) DO UPDATE SET"
        " ended = matters_endedcount.ended + excluded.ended,"
        " in_time = matters_endedcount.in_time + excluded.in_time",
        [value for row in rows for value in row],
    )


LOCAL_DAY = {
    "sqlite": "date({column}, '+8 hours')",
    "postgresql": "({column} AT TIME ZONE 'Asia/Shanghai')::date",
}


def recount_ended() -> None:
    """Count everything anew, from the matters themselves; in the caller's transaction."""
    EndedCount.objects.all().delete()
    day = LOCAL_DAY[connection.vendor]
    received, answered = (day.format(column=c) for c in ("received_at", "answered_at"))
    for length in LEVELS:
        run_statement(
            "INSERT INTO matters_endedcount (place, received_on, ended, in_time)"  # noqa: S608
            f" SELECT substr(place_id, 1, {length}), {received}, count(*),"
            f" sum(CASE WHEN {answered} <= due_on THEN 1 ELSE 0 END)"
            " FROM matters_matter WHERE stage = 'closed' AND row_class = 'ordinary'"
            f" AND length(place_id) >= {length} GROUP BY 1, 2",
            (),
        )
