"""One matter on one page: what, where, who, its course, and the next step as one button."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.desk.choices import office_choices, official_choices
from lianhu.desk.page import DONE, REFUSED, back_path, go, said, show, staff
from lianhu.desk.rows import one_row
from lianhu.desk.sketch import Spot, sketch
from lianhu.desk.steps import FORMS, do_step
from lianhu.desk.where import Names, names_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.matters.actions.accused import name_accused
from lianhu.matters.actions.report import reveal_reporter_phone
from lianhu.matters.kinds import clocks, get_kind, who_sees
from lianhu.matters.queries.lists import find_similar
from lianhu.matters.queries.next import next_steps
from lianhu.matters.queries.one import (
    list_steps,
    may_name_accused,
    photo_of,
    read_matter,
    tells_code,
)
from lianhu.media.queries import photo_path
from lianhu.territory.queries import list_children

VILLAGE = 12


def facts_of(actor: Actor, matter: Any) -> dict[str, Any]:
    """What a matter's page and panel show of it. Four queries, five when a place was tapped."""
    steps = list_steps(matter)
    place = matter.subject_place or matter.place_id
    names = names_for(actor, [place], [matter.office, *(s.office for s in steps if s.office)])
    return {
        "matter": matter,
        "steps": [(step, _photos(step)) for step in steps],
        "names": names,
        "place": place,
        "picture": _picture(matter),
        "next": next_steps(actor, matter, today=localdate()),
        "forms": FORMS,
        "sees": who_sees(get_kind(matter.category)),
        "may_home": matter.household is not None
        and actor.holds("household.read", matter.household.place_id),
    }


def _photos(step: Any) -> list[tuple[str, bool]]:
    """The photos that a step names, and whether each has arrived yet."""
    return [(a.sha256, photo_path(a.sha256).is_file()) for a in step.attachments.all()]


def _picture(matter: Any) -> Any:
    """The tapped place among the groups of its village, as a sketch."""
    if matter.lon is None or matter.lat is None:
        return None
    village = (matter.subject_place or matter.place_id)[:VILLAGE]
    around = [Spot(p.lon, p.lat, p.code, p.name) for p in list_children(village)]
    here = Spot(matter.lon, matter.lat, "here", "点选的地方")
    return sketch([here, *around], sign=26)


def _page(
    request: HttpRequest, actor: Actor, matter: Any, *, step: str = "", refused: str = ""
) -> HttpResponse:
    """The whole page; with `refused`, the form of `step` open and every typed word in it."""
    facts = facts_of(actor, matter)
    steps = facts["next"]
    return show(
        request, actor, "desk/matter/page.html", tab="matters",
        status=REFUSED if refused else 200,
        first=FORMS.get(steps.first), others=[FORMS[s] for s in steps.others],
        opened=step, refused=refused, typed=request.POST if refused else {},
        stranded=refused if step not in (*steps.all, "accused") else "",
        groups=office_choices(matter, facts["names"]) if "dispatch" in steps.all else [],
        similar=_similar(actor, matter) if "merge" in steps.all else [],
        may_phone=bool(matter.reporter_phone_sealed)
        and actor.holds("person.reveal", matter.place_id),
        may_tell_code=tells_code(actor, matter),
        officials=_officials(request, actor, matter),
        may_name=may_name_accused(actor, matter),
        purposes=read("purposes.toml")["reveal"],
        **facts,
    )  # fmt: skip


def _officials(request: HttpRequest, actor: Actor, matter: Any) -> list[Any] | None:
    """The staff whom `?official=` may mean, for who may say whom a report is about."""
    words = request.GET.get("official", "").strip().replace("\x00", "")[:30]
    if not words or not may_name_accused(actor, matter):
        return None
    return official_choices(actor, words)


def _similar(actor: Actor, matter: Any) -> list[Any]:
    """Matters that may be the same one."""
    rule = clocks(localdate())
    found = find_similar(
        actor, matter.place_id, matter.top, matter.words, at=timezone.now(),
        days=rule["duplicate_days"], least=rule["duplicate_likeness"],
    )  # fmt: skip
    return [m for m in found if m.id != matter.id]


@staff
def page(request: HttpRequest, actor: Actor, matter_id: UUID) -> HttpResponseBase:
    """A matter's page."""
    return _page(request, actor, read_matter(actor, matter_id))


@staff
def take(request: HttpRequest, actor: Actor, matter_id: UUID, step: str) -> HttpResponseBase:
    """GET: the form of one step, as a page or a part of a list. POST: take it."""
    if step not in FORMS:
        raise Http404
    matter = read_matter(actor, matter_id)
    if request.method != "POST":
        return _form(request, actor, matter, step)
    refused = ""
    try:
        do_step(actor, matter_id, step, request, at=timezone.now())
    except Refusal as refusal:
        refused = said(refusal)
    try:
        matter = read_matter(actor, matter_id)
    except NotPermitted:
        return _gone(request, matter_id)
    if request.headers.get("HX-Request"):
        if refused:
            return _form(request, actor, matter, step, refused)
        return one_row(request, actor, matter)
    if refused:
        return _page(request, actor, matter, step=step, refused=refused)
    return go(back_path(request, f"/desk/matters/{matter_id}/"), done=step)


def _gone(request: HttpRequest, matter_id: UUID) -> HttpResponse:
    """After a step that took a confidential matter out of the actor's own sight."""
    if request.headers.get("HX-Request"):
        page = {"id": matter_id, "words": DONE["gone"]}
        return render(request, "desk/matter/gone.html", page)
    return go(back_path(request, "/desk/matters/"), done="gone")


def _form(
    request: HttpRequest, actor: Actor, matter: Any, step: str, refused: str = ""
) -> HttpResponse:
    """One step's form alone: inside a list row for htmx, else the page with it open."""
    if not request.headers.get("HX-Request"):
        return _page(request, actor, matter, step=step)
    names: Names = names_for(actor, [matter.place_id], [matter.office])
    page = {
        "matter": matter, "form": FORMS[step], "in_row": True, "refused": refused,
        "groups": office_choices(matter, names), "names": names,
        "back": request.POST.get("back") or request.GET.get("back", ""),
    }  # fmt: skip
    response = render(request, "desk/matter/form.html", page)
    if refused:
        response["HX-Retarget"] = f"#m-{matter.id} td:last-child"
        response["HX-Reswap"] = "innerHTML"
    return response


@staff
def photo(request: HttpRequest, actor: Actor, matter_id: UUID, sha256: str) -> HttpResponseBase:
    """A photo of a matter in reach; refuses ``matter.not_found``."""
    path = photo_path(photo_of(actor, matter_id, sha256))
    if not path.is_file():
        raise Http404
    return HttpResponse(path.read_bytes(), content_type="image/jpeg")


@require_POST
@staff
def accused(request: HttpRequest, actor: Actor, matter_id: UUID) -> HttpResponseBase:
    """Name the person a report is about, or nobody."""
    read_matter(actor, matter_id)
    who = request.POST.get("accused", "")
    try:
        chosen = UUID(who) if who else None
    except ValueError as error:
        raise NotPermitted("account.not_found") from error
    try:
        name_accused(actor, matter_id, chosen, at=timezone.now())
    except Refusal as refusal:
        matter = read_matter(actor, matter_id)
        return _page(request, actor, matter, step="accused", refused=said(refusal))
    return go(f"/desk/matters/{matter_id}/", done="accused" if chosen else "unnamed")


@require_POST
@staff
def phone(request: HttpRequest, actor: Actor, matter_id: UUID) -> HttpResponseBase:
    """The phone that the reporter left, shown for 30 seconds with the purpose in the ledger."""
    purpose = request.POST.get("purpose", "")
    value = reveal_reporter_phone(actor, matter_id, purpose, at=timezone.now())
    page: dict[str, Any] = {
        "value": value, "label": "反映人电话", "back": f"/desk/matters/{matter_id}/",
    }  # fmt: skip
    if request.headers.get("HX-Request"):
        return render(request, "desk/part/revealed.html", page)
    return show(request, actor, "desk/revealed.html", tab="matters", **page)
