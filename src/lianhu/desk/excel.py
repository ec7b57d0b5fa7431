"""A list as an Excel file: texts only, bounded, and noted in the ledger."""

import io
from datetime import datetime

import xlsxwriter
from django.http import HttpResponse
from django.utils import timezone
from django.utils.timezone import localdate, localtime

from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor

MOST = 5000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Heads = tuple[tuple[str, int], ...]


def send(
    actor: Actor, name: str, place: str, heads: Heads, rows: list[list[str]], **facts: object
) -> HttpResponse:
    """The file, after the ledger entry that says who took how many rows of which list.

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


def moment(at: datetime | None) -> str:
    """A moment as a sortable text; empty for none."""
    return localtime(at).strftime("%Y-%m-%d %H:%M") if at else ""


def workbook(heads: Heads, rows: list[list[str]]) -> bytes:
    """An Excel file of texts only: nothing in it is a formula or a link, whatever it begins with.

    Each cell carries Excel's own quote mark too, so that saving it anew keeps it a text.
    """
    content = io.BytesIO()
    book = xlsxwriter.Workbook(
        content,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
         "strings_to_numbers": False},
    )  # fmt: skip
    text = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
    head = book.add_format({"bold": True, "bg_color": "#E3EFF0", "bottom": 1})
    sheet = book.add_worksheet("列表")
    for column, (name, width) in enumerate(heads):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, head)
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            sheet.write_string(number, column, value, text)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(heads) - 1)
    book.close()
    return content.getvalue()
