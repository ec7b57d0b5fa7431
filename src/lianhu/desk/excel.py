"""A list as an Excel file: texts, days and numbers, bounded, and noted in the ledger."""

import io
from collections.abc import Sequence
from datetime import date, datetime

import xlsxwriter
from django.http import HttpResponse
from django.utils import timezone
from django.utils.timezone import localdate, localtime

from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.watermark import Mark, stamp

MOST = 5000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Heads = tuple[tuple[str, int], ...]
Cell = str | int | date
Rows = Sequence[Sequence[Cell]]


def send(
    actor: Actor, name: str, place: str, heads: Heads, rows: Rows, **facts: object
) -> HttpResponse:
    """The file of a list that holds no residents, after the ledger entry that says who took how
    many rows of which. One of residents goes by `desk.taking`.

    Refuses ``account.not_permitted`` where the actor may not export.
    """
    actor.require("export", place)
    content = workbook(heads, rows)
    record(
        actor, "export", "list", name, place, at=timezone.now(), quiet=True, rows=len(rows),
        **facts,  # type: ignore[arg-type]
    )  # fmt: skip
    response = HttpResponse(content, content_type=XLSX)
    file = f"lianhu-{name}-{localdate().isoformat()}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{file}"'
    return response


def widest_place(actor: Actor) -> str:
    """The place that an export of everything in reach concerns."""
    return min(actor.scopes.get("export", ()), key=len, default=actor.home)


def moment(at: datetime | None) -> str:
    """A moment as a sortable text; empty for none."""
    return localtime(at).strftime("%Y-%m-%d %H:%M") if at else ""


def workbook(heads: Heads, rows: Rows, mark: Mark | None = None) -> bytes:
    """An Excel file in which a text is never a formula or a link, whatever it begins with; a day is
    a day and a number a number, so that Excel sorts and filters them as such.

    Each text carries Excel's own quote mark too, so that saving it anew keeps it a text.
    """
    content = io.BytesIO()
    book = xlsxwriter.Workbook(
        content,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
         "strings_to_numbers": False},
    )  # fmt: skip
    text = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
    day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
    head = book.add_format({"bold": True, "bg_color": "#E3EFF0", "bottom": 1})
    sheet = book.add_worksheet("列表")
    for column, (name, width) in enumerate(heads):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, head)
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, column, value, text)
            elif isinstance(value, date):
                sheet.write_datetime(number, column, value, day)
            else:
                sheet.write_number(number, column, value)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(heads) - 1)
    if mark:
        stamp(book, mark)
    book.close()
    return content.getvalue()
