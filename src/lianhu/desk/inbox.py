"""The inbox: queues, filters, order and paging, all of it in the address bar."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.utils.timezone import localdate

from lianhu.desk.page import chosen_place, may, sheet_of, show, staff
from lianhu.desk.rows import rows_of
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.matters.kinds import all_kinds
from lianhu.matters.queries.lists import (
    ORDERS,
    QUEUES,
    Filter,
    list_matters,
)
from lianhu.matters.queries.search import matching
from lianhu.matters.rules import STAGE_WORDS
from lianhu.territory.queries import path_of

MOST_COUNTED = 500
STATES = {"open": "没办完的", "ended": "办完的", "all": "全部"}
LATE = {"late": "已超期", "today": "今天到期"}
ORDER_WORDS = {
    "due": "先到期的在前", "-due": "后到期的在前",
    "-received": "新报的在前", "received": "早报的在前",
}  # fmt: skip
EMPTY = {
    "mine": "现在没有等您办的事。有事分派给您、或者等您受理和核实时，会出现在这里。",
    "office": "本单位手上没有这样的事。分派给本单位的事会出现在这里。",
    "under": "下面没有这样的事。网格里一上报，就会出现在这里。",
}


def filter_of(request: HttpRequest, actor: Actor) -> Filter:
    """What the address asks for; a value that does not exist asks for nothing."""
    asked = request.GET
    started = "mine" if actor.offices or actor.holds("matter.verify") else "under"
    place = chosen_place(request, actor) if asked.get("place") else ""
    return Filter(
        queue=_known(asked.get("queue", ""), QUEUES, started),
        state=_known(asked.get("state", ""), STATES, "open"),
        top=_known(asked.get("top", ""), tops(), ""),
        stage=_known(asked.get("stage", ""), STAGE_WORDS, ""),
        late=_known(asked.get("late", ""), LATE, ""),
        under=place,
        words=asked.get("words", "").strip().replace("\x00", "")[:40],
        order=_known(asked.get("order", ""), ORDERS, "due"),
    )


def _known(value: str, choices: Any, otherwise: str) -> str:
    return value if value in choices else otherwise


def tops() -> dict[str, str]:
    """The top categories with their names."""
    return {k.top: k.top_name for k in all_kinds().values()}


@staff
def inbox(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Matters by queue, with one step each without leaving the list."""
    if not may(actor, "matter.read"):
        raise NotPermitted("account.not_permitted")
    today, wanted = localdate(), filter_of(request, actor)
    said = matching(actor, wanted.words) if wanted.words else None
    queues = [
        (code, name, _count(actor, with_queue(wanted, code), today, said))
        for code, name in QUEUES.items()
        if code != "office" or actor.offices
    ]
    found = list_matters(actor, wanted, today=today, said=said)
    sheet = sheet_of(found, request)
    rows, names = rows_of(actor, sheet.rows)
    return show(
        request, actor, "desk/inbox.html", tab="matters",
        rows=rows, names=names, sheet=sheet, queues=queues, wanted=wanted,
        tops=tops(), stages=STAGE_WORDS, states=STATES, lates=LATE, orders=ORDER_WORDS,
        path=path_of(wanted.under) if wanted.under else [],
        filtered=bool(wanted.top or wanted.stage or wanted.late or wanted.words or wanted.under),
        empty=EMPTY[wanted.queue],
        may_export=actor.holds("export"),
        back=request.get_full_path(),
    )  # fmt: skip


def _count(actor: Actor, wanted: Filter, today: date, said: Q | None) -> str:
    """How many rows, at most "500+": one more costs a row read, and nobody pages so far."""
    number = list_matters(actor, wanted, today=today, said=said).count(MOST_COUNTED)
    return f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number)


def with_queue(wanted: Filter, queue: str) -> Filter:
    """The same filter in another queue."""
    return Filter(
        queue, wanted.state, wanted.top, wanted.stage, wanted.late, wanted.under, wanted.words
    )
