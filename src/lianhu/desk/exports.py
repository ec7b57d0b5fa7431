"""Lists on their way out: those that wait for my word, my own with their files, what went out."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.desk import export, imports, proposals, requests
from lianhu.desk.page import REFUSED, go, said, sheet_of, show, staff
from lianhu.desk.proving import fresh, fresh_for_all
from lianhu.desk.taking import send_file
from lianhu.desk.where import names_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.people.actions.exports import agree_export, decline_export, drop_export
from lianhu.people.queries.exports import (
    get_own,
    list_own,
    list_taken,
    list_waiting,
    terms,
)

MOST_WAITING = 50
MOST_TAKEN = 50
# Each list by its name, as it is built for whoever asks now.
BUILDERS = {
    "register": imports.build_register,
    "households": export.build_households,
    "matters": export.build_matters,
    "visits": export.build_visits,
    "proposals": proposals.build_export,
    "requests": requests.build_export,
}


@staff
def exports(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Those that wait for my word, my own, and for who looks after it all what went out."""
    return _page(request, actor)


def _page(request: HttpRequest, actor: Actor, refused: str = "") -> HttpResponse:
    actor.require("export", "")
    at = timezone.now()
    now = terms(localdate())
    waiting = list(list_waiting(actor, at=at)[:MOST_WAITING])
    sheet = sheet_of(list_own(actor), request, 20)
    sheet.rows[:] = [(row, _stand(row, now, at)) for row in sheet.rows]
    sees_all = actor.holds(now["tiers"][-1]["second"])
    taken = list(list_taken(actor, on=localdate())[:MOST_TAKEN]) if sees_all else []
    places = [row.place_id for row in (*waiting, *(r for r, _ in sheet.rows), *taken)]
    return show(
        request, actor, "desk/exports/page.html", tab="exports", refused=refused,
        status=REFUSED if refused else 200, waiting=waiting, sheet=sheet, taken=taken,
        sees_all=sees_all, now=now, names=names_for(actor, places),
    )  # fmt: skip


def _stand(row: Any, now: dict[str, Any], at: Any) -> str:
    """Where one's own is: "take", "wait", or over in the words of its state."""
    if row.state == "asked":
        return "wait" if row.ends_at > at else "到期没有人同意"
    if row.state != "agreed":
        return str(row.get_state_display())
    if row.taken >= (now["file_times"] if row.tier else 1):
        return "已取走"
    return "take" if row.ends_at > at else "已过期"


@require_POST
@staff
@fresh_for_all
def decide(request: HttpRequest, actor: Actor, export_id: UUID, how: str) -> HttpResponseBase:
    """Agree or not to somebody else's, or take back one's own. Who has no second factor shows the
    password: in villages the two of them share a computer."""
    words, at = request.POST.get("words", ""), timezone.now()
    try:
        if how == "agree":
            agree_export(actor, export_id, words, at=at)
        elif how == "decline":
            decline_export(actor, export_id, words, at=at)
        elif how == "drop":
            drop_export(actor, export_id, at=at)
        else:
            raise Http404
    except Refusal as refusal:
        return _page(request, actor, said(refusal))
    return go("/desk/exports/", done=f"export_{how}")


@require_POST
@staff
@fresh
def file(request: HttpRequest, actor: Actor, export_id: UUID) -> HttpResponseBase:
    """The file of what was agreed to, made now, as its taker may see it now."""
    row = get_own(actor, export_id)
    request.GET = QueryDict(row.asked)
    try:
        return send_file(actor, row.id, BUILDERS[row.name](request, actor))
    except Refusal as refusal:
        words = said(refusal)
        request.GET = QueryDict()
        return _page(request, actor, words)
