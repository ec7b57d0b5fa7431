"""What every list of residents does alike on its way out as a file: for what, who agrees, the mark."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.timezone import localdate

from lianhu.desk.excel import XLSX, Heads, Rows, workbook
from lianhu.desk.page import REFUSED, go, said, show
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import Refusal
from lianhu.kernel.watermark import Mark
from lianhu.people.actions.exports import ask_export, take_export
from lianhu.people.queries.exports import get_own, taking_of, terms


@dataclass(frozen=True, slots=True)
class Built:
    """A list as its reader may see it now: where it is of, of how many persons, and how to write
    it."""

    place: str
    persons: int
    write: Callable[[Mark], bytes]
    whole: bool = False
    minors: int = 0  # in clear


def listed(place: str, heads: Heads, rows: Rows) -> Built:
    """A list of the desk: each row is about one person or one household."""
    return Built(place, len(rows), lambda mark: workbook(heads, rows, mark))


def take(request: HttpRequest, actor: Actor, name: str, built: Built) -> HttpResponseBase:
    """Ask for what, then the file itself where there are few persons, else a second person.

    Refuses ``account.not_permitted``.
    """
    actor.require("export", built.place)
    if "purpose" not in request.POST:
        return _asking(request, actor, name, built)
    try:
        row = ask_export(
            actor, name, built.place, built.persons, request.POST["purpose"],
            request.POST.get("why", ""), asked=request.GET.urlencode(), minors=built.minors,
            at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        return _asking(request, actor, name, built, said(refusal))
    if row.tier:
        return go("/desk/exports/", done="export_asked")
    return send_file(actor, row.id, built)


def send_file(actor: Actor, export_id: object, built: Built) -> HttpResponse:
    """The file, marked, after the ledger entry that says who took it. Refuses as `take_export`."""
    at = timezone.now()
    before = get_own(actor, export_id)  # type: ignore[arg-type]
    if built.place != before.place_id:
        raise Refusal("export.grown")
    row = take_export(
        actor, before.id, built.persons, whole=built.whole, minors=built.minors, at=at
    )
    purpose = str(read("purposes.toml")["export"].get(row.purpose, row.purpose))
    purpose += f"：{row.words}" if row.words else ""
    second = row.second.name if row.second else ""
    mark = Mark(row.number, actor.name, at, purpose, built.persons, second)
    response = HttpResponse(built.write(mark), content_type=XLSX)
    file = f"lianhu-{row.name}-{row.place_id}-{localdate().isoformat()}-{row.number}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{file}"'
    return response


def _asking(
    request: HttpRequest, actor: Actor, name: str, built: Built, refused: str = ""
) -> HttpResponse:
    now = terms(localdate())
    taking = taking_of(actor, built.persons, at=timezone.now())
    tier = max(taking.tier, int(built.minors > 0))
    return show(
        request, actor, "desk/exports/ask.html", tab="exports", refused=refused,
        status=REFUSED if refused else 200, name=read("exports.toml")["lists"][name],
        taking=taking, now=now,
        tier=now["tiers"][tier - 1] if tier else None, minors=built.minors,
        purposes=read("purposes.toml")["export"], purpose=request.POST.get("purpose", ""),
        why=request.POST.get("why", "")[:200], whole=built.whole,
        action=f"{request.path}?{request.GET.urlencode()}",
    )  # fmt: skip
