"""The ledger in one's reach: who did what, where, when; gone through by id."""

from datetime import date

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
}  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@staff
def ledger(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Entries, latest first, by what was done, where, by whom and on which day."""
    if not may(actor, "ledger.read"):
        raise NotPermitted("account.not_permitted")
    under = chosen_place(request, actor, "ledger.read")
    verb = request.GET.get("verb", "")
    verb = verb if verb in WINGS else ""
    person = request.GET.get("person", "").strip().replace("\x00", "")[:30]
    day = _day(request.GET.get("day", ""))
    before = request.GET.get("before", "")
    rows = list(
        list_entries(
            actor, under=under, verb=verb, person=person, day=day,
            before=int(before) if before.isdecimal() and len(before) < 18 else 0,
        )[: PAGE + 1]
    )  # fmt: skip
    path = path_of(under)
    shown = rows[:PAGE]
    return show(
        request, actor, "desk/ledger.html", tab="ledger",
        rows=shown, names=names_for(actor, [row.place_id for row in shown]),
        older=shown[-1].id if len(rows) > PAGE else 0, newest=not before,
        wings=WINGS, verb=verb, person=person, day=day, under=under, path=path,
        open_codes={p.code for p in path if actor.holds("ledger.read", p.code)},
    )  # fmt: skip
