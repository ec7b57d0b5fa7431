"""The filtered list of matters as an Excel file: masked, inert, bounded, and in the ledger."""

import io
from datetime import datetime
from typing import Any

import xlsxwriter
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_POST

from lianhu.audit.actions import record
from lianhu.desk.inbox import filter_of
from lianhu.desk.page import staff
from lianhu.desk.where import Names, names_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.masking import mask_name
from lianhu.kernel.workdays import state_calendar
from lianhu.matters.kinds import get_kind
from lianhu.matters.queries.lists import list_matters
from lianhu.matters.rules import ENDED, STAGE_WORDS, Stage, clock_words
from lianhu.territory.rules import LEVELS

MOST = 5000
HEADS = (
    ("编号", 13), ("什么事", 48), ("类别", 16), ("哪里", 22), ("谁报的", 10), ("报的时间", 17),
    ("在谁手上", 24), ("办到哪一步", 16), ("应答复日期", 12), ("时限", 16), ("答复时间", 17),
    ("办结时间", 17), ("评分", 6),
)  # fmt: skip
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_POST
@staff
def export(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The list that the address asks for, at most 5,000 rows. Refuses
    ``account.not_permitted``."""
    wanted, now = filter_of(request, actor), timezone.now()
    place = wanted.under or min(actor.scopes.get("export", ()), key=len, default=actor.home)
    actor.require("export", place)
    rows = list(list_matters(actor, wanted, today=localdate()).select_related("handler")[:MOST])
    # Confidential matters are read on the page only; a file goes from hand to hand.
    open_rows = [m for m in rows if m.row_class == "ordinary"]
    names = names_for(actor, (m.place_id for m in rows), (m.office for m in rows))
    content = workbook([_cells(m, names) for m in open_rows])
    record(
        actor, "export", "list", f"{LEVELS.get(len(place), '')}-matters", place, at=now,
        quiet=True, rows=len(open_rows), queue=wanted.queue, state=wanted.state,
    )  # fmt: skip
    response = HttpResponse(content, content_type=XLSX)
    day = localdate().isoformat()
    response["Content-Disposition"] = f'attachment; filename="lianhu-matters-{day}.xlsx"'
    return response


def _cells(matter: Any, names: Names) -> list[str]:
    """One matter as texts in the order of HEADS; whoever reported it is masked."""
    ended = Stage(matter.stage) in ENDED
    held = names.office(matter.office) + (f" {matter.handler.name}" if matter.handler else "")
    return [
        matter.ref, matter.words, get_kind(matter.category).name, names.where(matter.place_id),
        mask_name(matter.reporter_name), _moment(matter.captured_at), held,
        STAGE_WORDS[Stage(matter.stage)], matter.due_on.isoformat(),
        clock_words(localdate(), matter.due_on, ended=ended, calendar=state_calendar()),
        _moment(matter.answered_at), _moment(matter.closed_at), str(matter.score or ""),
    ]  # fmt: skip


def _moment(at: datetime | None) -> str:
    return localtime(at).strftime("%Y-%m-%d %H:%M") if at else ""


def workbook(rows: list[list[str]]) -> bytes:
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
    sheet = book.add_worksheet("事项")
    for column, (name, width) in enumerate(HEADS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, head)
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            sheet.write_string(number, column, value, text)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(HEADS) - 1)
    book.close()
    return content.getvalue()
