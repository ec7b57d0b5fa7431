"""What there is at a place: kept by the village at one page; added, changed, ended, with history."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.desk.page import REFUSED, go, said, sheet_of, show, staff
from lianhu.desk.where import names_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.territory.actions import (
    LOWEST,
    Wished,
    add_resource,
    change_resource,
    end_resource,
)
from lianhu.territory.queries import get_place, list_places, path_of
from lianhu.territory.queries.resources import get_resource, list_resources
from lianhu.territory.rules import resource_kinds, resource_sorts

READ, KEEP = "resource.read", "resource.keep"
MOST_ENDED = 30


@staff
def resources(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """What there is at or below a place."""
    return _page(request, actor, _here(actor, code), form=request.GET.get("edit", ""))


def _here(actor: Actor, code: str) -> str:
    here = get_place(code)
    actor.require(READ, here.code, code="place.not_found")
    if here.level not in LOWEST:
        raise Refusal("place.not_found")
    return here.code


def _page(
    request: HttpRequest, actor: Actor, code: str, *, refused: str = "", form: str = ""
) -> HttpResponse:
    sorts = resource_sorts()
    asked = request.GET.get("sort", "")
    sort = asked if asked in sorts else ""
    sheet = sheet_of(list_resources(actor, under=code, sort=sort), request)
    past = list(list_resources(actor, under=code, sort=sort, ended=True)[:MOST_ENDED])
    keeps = actor.holds(KEEP, code)
    edited = _edited(actor, form) if keeps else None
    places = _places(code) if keeps else []
    shown = [
        *places,
        code,
        *([edited.place_id] if edited else []),
        *(r.place_id for r in (*sheet.rows, *past)),
    ]
    path = path_of(code)
    kinds = resource_kinds()
    return show(
        request, actor, "desk/resources.html", tab="places", code=code, place=path[-1],
        status=REFUSED if refused else 200, refused=refused, form=form,
        edited=edited, typed=request.POST,
        rows=[(r, kinds.get(r.kind)) for r in sheet.rows], sheet=sheet,
        past=[(r, kinds.get(r.kind)) for r in past], sorts=sorts, sort=sort,
        choices=[(n, [(c, k.name) for c, k in kinds.items() if k.sort == s])
                 for s, n in sorts.items()],
        places=places, names=names_for(actor, shown), may_keep=keeps, today=localdate(),
        path=path, open_codes={p.code for p in path if actor.holds("place.read", p.code)},
    )  # fmt: skip


def _edited(actor: Actor, form: str) -> Any:
    """The one whose form is open, if there is such a one."""
    try:
        return get_resource(actor, UUID(form))
    except (ValueError, Refusal):
        return None


def _places(code: str) -> list[str]:
    """Where something may be written down: the place itself, its groups and grids."""
    below = [*list_places("group", code), *list_places("grid", code)]
    return [code, *sorted({p.code for p in below} - {code})]


@require_POST
@staff
def add(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """Write down something that is there."""
    here = _here(actor, code)
    typed = request.POST
    try:
        place = get_place(typed.get("place", "") or here).code
        add_resource(actor, place, _wished(typed), at=timezone.now())
    except Refusal as refusal:
        return _page(request, actor, here, refused=said(refusal), form="add")
    return go(f"/desk/places/{here}/resources/", done="resource")


@require_POST
@staff
def change(request: HttpRequest, actor: Actor, resource_id: UUID, how: str) -> HttpResponseBase:
    """Say it anew, or end it with a day."""
    row, now = get_resource(actor, resource_id), timezone.now()
    back = _back(actor, request.POST.get("back", ""), row.place_id)
    try:
        if how == "change":
            kept = row.phone if row.is_private else ""
            change_resource(actor, row.id, _wished(request.POST, kept=kept), at=now)
        elif how == "end":
            last = _day(request.POST.get("last_day", ""))
            if last is None:
                raise Refusal("resource.bad_day")
            end_resource(actor, row.id, last, request.POST.get("words", ""), at=now)
        else:
            raise Refusal("resource.not_found")
    except Refusal as refusal:
        return _page(request, actor, back, refused=said(refusal), form=str(row.id))
    return go(f"/desk/places/{back}/resources/", done=f"resource_{how}")


def _back(actor: Actor, asked: str, otherwise: str) -> str:
    """The place whose page the form stood on, if it is one of the actor's."""
    return asked if actor.holds(READ, asked) and asked else otherwise


def _wished(typed: QueryDict, *, kept: str = "") -> Wished:
    """What the form says; a private number is not shown there, so an empty field keeps it."""
    values: dict[str, Any] = {
        name: typed.get(name, "") for name in ("kind", "name", "words", "phone")
    }
    values["phone"] = values["phone"].strip() or kept
    return Wished(
        **values, is_private=typed.get("private") == "1",
        consent_on=_day(typed.get("consent_on", "")),
        consent_words=typed.get("consent_words", ""),
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
