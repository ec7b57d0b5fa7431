"""The ledger in one's reach: who did what, where, when; gone through by id."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from lianhu.desk.page import PAGE, chosen_place, may, show, staff
from lianhu.desk.where import names_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.territory.queries import list_entries, path_of

WINGS = {
    "matter": "事项", "visit": "走访", "person": "查看和改动个人信息", "household": "户",
    "posting": "任职", "grant": "身份", "device": "手机", "account": "账号", "place": "地方",
    "letter": "来信", "export": "导出",
    "rights": "个人信息申请",
}  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks of the ledger, and the entries that fit."""

    rows: Any
    under: str
    verb: str
    person: str
    day: date | None


def wanted_entries(request: HttpRequest, actor: Actor) -> Wanted:
    """The entries that the address asks for, latest first. Refuses
    ``account.not_permitted``."""
    if not may(actor, "ledger.read"):
        raise NotPermitted("account.not_permitted")
    under = chosen_place(request, actor, "ledger.read")
    verb = request.GET.get("verb", "")
    verb = verb if verb in WINGS else ""
    person = request.GET.get("person", "").strip().replace("\x00", "")[:30]
    day = _day(request.GET.get("day", ""))
    before = request.GET.get("before", "")
    start = int(before) if before.isdecimal() and len(before) < 18 else 0
    rows = list_entries(actor, under=under, verb=verb, person=person, day=day, before=start)
    return Wanted(rows, under, verb, person, day)


@staff
def ledger(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Entries, latest first, by what was done, where, by whom and on which day."""
    wanted = wanted_entries(request, actor)
    rows = list(wanted.rows[: PAGE + 1])
    path = path_of(wanted.under)
    shown = rows[:PAGE]
    return show(
        request, actor, "desk/ledger.html", tab="ledger",
        rows=shown, names=names_for(actor, [row.place_id for row in shown]),
        older=shown[-1].id if len(rows) > PAGE else 0, newest=not request.GET.get("before"),
        wings=WINGS, verb=wanted.verb, person=wanted.person, day=wanted.day,
        under=wanted.under, path=path,
        open_codes={p.code for p in path if actor.holds("ledger.read", p.code)},
        may_export=actor.holds("export", wanted.under),
    )  # fmt: skip
