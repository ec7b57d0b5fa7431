"""Register a matter at the desk: a visitor at the counter, or a telephone call."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.timezone import localdate

from lianhu.accounts.queries.staff import get_staff
from lianhu.desk.choices import official_choices
from lianhu.desk.page import REFUSED, go, said, show, staff
from lianhu.desk.steps import photos_of
from lianhu.desk.where import names_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.matters.actions.accused import accusable
from lianhu.matters.actions.report import Report, report_matter
from lianhu.matters.kinds import all_kinds, clocks, get_kind, who_sees
from lianhu.matters.queries.lists import find_similar
from lianhu.people.queries import get_household, list_households
from lianhu.territory.queries import get_place, list_places

FIELDS = ("place", "category", "words", "spot", "about", "visibility", "name", "phone", "home",
          "household", "accused")  # fmt: skip
MOST_HOUSEHOLDS = 12


def _choices(actor: Actor) -> list[tuple[str, list[tuple[str, str]]]]:
    """Places to choose from: for a county its villages by town, else groups and grids."""
    top = min(actor.scopes.get("matter.report", ()), key=len)
    levels = {6: ("town", "village"), 9: ("village", "group")}.get(len(top), ("group", "grid"))
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    upper = list(list_places(levels[0], top))
    lower = list(list_places(levels[1], top))
    own = get_place(top)
    groups.append((own.name, [(own.code, f"{own.name}（说不准具体在哪里）")]))
    for place in upper:
        below = [(p.code, f"{place.name} {p.name}") for p in lower if p.parent_id == place.code]
        groups.append((place.name, [(place.code, place.name), *below]))
    return groups


def _kinds() -> list[tuple[str, list[Any]]]:
    """Kinds by their top category; a top category that has kinds stands behind them."""
    groups: dict[str, list[Any]] = {}
    for kind in all_kinds().values():
        if "." in kind.code:
            groups.setdefault(kind.top_name, []).append((kind, who_sees(kind)))
    return list(groups.items())


@staff
def report(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The form; sent, it first shows what may be the same matter, then registers it."""
    if not actor.holds("matter.report"):
        raise NotPermitted("account.not_permitted")
    source = request.POST if request.method == "POST" else request.GET
    typed = {field: source.get(field, "").strip() for field in FIELDS}
    if request.method != "POST":
        return _form(request, actor, typed)
    try:
        return _take(request, actor, typed)
    except Refusal as refusal:
        return _form(request, actor, typed, refused=said(refusal))


def _take(request: HttpRequest, actor: Actor, typed: dict[str, str]) -> HttpResponse:
    """Register what was typed, or ask which household and whether it is a known matter."""
    if request.POST.get("find") == "official":
        return _form(request, actor, typed, officials=official_choices(actor, typed["about"]))
    now = timezone.now()
    kind = get_kind(typed["category"])
    if typed["accused"] and kind.visibility != "about_official":
        raise Refusal("matter.not_about_official")
    accused = accusable(actor, _staff_id(typed["accused"])) if typed["accused"] else None
    if typed["home"] and not typed["household"]:
        found = list_households(actor, under=typed["place"], words=typed["home"])
        homes = list(found[:MOST_HOUSEHOLDS])
        if len(homes) != 1:
            return _form(request, actor, typed, homes=homes, asked_home=True)
        typed["household"] = str(homes[0].id)
    if not request.POST.get("sure") and kind.visibility == "ordinary":
        rule = clocks(localdate())
        similar = find_similar(
            actor, typed["place"], kind.top, typed["words"], at=now,
            days=rule["duplicate_days"], least=rule["duplicate_likeness"],
        )  # fmt: skip
        if similar:
            return _form(request, actor, typed, similar=similar)
    matter = report_matter(actor, _report(actor, request, typed, accused, now), at=now)
    return go(f"/desk/matters/{matter.id}/", done="report")


def _staff_id(text: str) -> UUID:
    found = _uuid(text)
    if found is None:
        raise NotPermitted("account.not_found")
    return found


def _report(
    actor: Actor, request: HttpRequest, typed: dict[str, str], accused: UUID | None, now: Any
) -> Report:
    return Report(
        place=typed["place"],
        category=typed["category"],
        words=typed["words"],
        visibility="sensitive" if typed["visibility"] == "sensitive" else "ordinary",
        household_id=_uuid(typed["household"]),
        spot=typed["spot"],
        about=typed["about"],
        accused_id=accused,
        source="desk",
        contact_name=typed["name"][:50],
        contact_phone=typed["phone"][:20],
        photos=photos_of(actor, request, at=now),
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _form(
    request: HttpRequest, actor: Actor, typed: dict[str, str], *, refused: str = "", **more: Any
) -> HttpResponse:
    home = _uuid(typed["household"])
    household = get_household(actor, home) if home else None
    if household is not None:
        typed["place"] = household.place_id
    if typed["accused"] and "officials" not in more:
        chosen = get_staff(actor, _staff_id(typed["accused"]))
        more["officials"] = [(chosen, "已选")]
    similar = more.get("similar", [])
    choices = _choices(actor)
    listed = {code for _, places in choices for code, _ in places}
    names = names_for(actor, [typed["place"], *(m.place_id for m in similar)])
    extra = typed["place"] if typed["place"] and typed["place"] not in listed else ""
    return show(
        request, actor, "desk/report.html", tab="matters",
        status=REFUSED if refused or more else 200,
        typed=typed, refused=refused, places=choices, extra=extra, kinds=_kinds(),
        household=household, names=names, may_homes=actor.holds("household.read"),
        may_find=actor.holds("posting.read"), **more,
    )  # fmt: skip
