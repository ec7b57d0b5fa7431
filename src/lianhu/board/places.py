"""The county's public page, a town's villages, a village's board and its poster."""

from dataclasses import dataclass, field
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate

from lianhu.accounts.roles import ROLES
from lianhu.board.figures import published
from lianhu.board.page import public_page, qr
from lianhu.postings.queries import public_line_people, public_office_holders
from lianhu.territory.queries import (
    covering,
    find_villages,
    get_place,
    list_children,
    list_places,
    place_names,
)

LONGEST_SEARCH = 20


@dataclass(slots=True)
class Line:
    """A line person on the board: the name and the lines they stand in."""

    name: str
    lines: str
    is_leader: bool


@dataclass(slots=True)
class Grid:
    """A grid with those who answer for it; no leader is a gap that the page names."""

    name: str
    people: list[Line] = field(default_factory=list)

    @property
    def is_gap(self) -> bool:
        """Whether nobody leads this grid."""
        return not any(person.is_leader for person in self.people)


@dataclass(slots=True)
class Group:
    """A villagers' group with its grids."""

    name: str
    grids: list[Grid] = field(default_factory=list)


@public_page
def county(request: HttpRequest) -> HttpResponse:
    """The county's public page: find a village, follow a code, report, figures by town."""
    root = list_places("county").first()
    words = request.GET.get("q", "").strip()[:LONGEST_SEARCH].replace("\x00", "")
    figures = published()
    towns = list(list_children(root.code)) if root else []
    page = {
        "place": root,
        "towns": [(town, figures.of(town.code)) for town in towns],
        "figures": figures,
        "figure": figures.of(root.code) if root else None,
        "q": words,
        "found": find_villages(words) if words else None,
    }
    return render(request, "board/county.html", page)


@public_page
def town(request: HttpRequest, code: str) -> HttpResponse:
    """A town's villages and communities with their figures."""
    place = get_place(code)
    if place.code != code:
        return redirect("board-town", code=place.code)
    figures = published()
    page = {
        "place": place,
        "villages": [(v, figures.of(v.code)) for v in list_children(place.code)],
        "figures": figures,
        "figure": figures.of(place.code),
    }
    return render(request, "board/town.html", page)


@public_page
def village(request: HttpRequest, code: str) -> HttpResponse:
    """A village's board: who answers for which households, how to report, figures."""
    place = get_place(code)
    if place.code != code:
        return redirect("board-village", code=place.code)
    codes = covering(code)
    today = localdate()
    figures = published()
    address = request.build_absolute_uri(reverse("board-village", args=[code]))
    page = {
        "place": place,
        "town": get_place(str(place.parent_id)),
        "former": sorted({name for c, name in place_names(codes).items() if c != code}),
        "groups": _groups(codes, today),
        "holders": _holders(codes, today),
        "figures": figures,
        "figure": figures.of(code),
        "address": address,
        "qr": qr(address, "本村公开页的二维码"),
    }
    return render(request, "board/village.html", page)


@public_page
def poster(request: HttpRequest, code: str) -> HttpResponse:
    """A sheet to print and put up: the village's QR code and what it is for."""
    place = get_place(code)
    if place.code != code:
        return redirect("board-poster", code=place.code)
    address = request.build_absolute_uri(reverse("board-village", args=[code]))
    page = {
        "place": place,
        "town": get_place(str(place.parent_id)),
        "address": address,
        "qr": qr(address, "本村公开页的二维码"),
    }
    return render(request, "board/poster.html", page)


def _holders(codes: list[str], today: date) -> list[tuple[str, list[str]]]:
    """The office-holders' names under each office, secretary first."""
    names: dict[str, list[str]] = {}
    for grant in public_office_holders(codes, on=today):
        row = names.setdefault(ROLES[grant.role].label, [])
        if grant.user.name not in row:
            row.append(grant.user.name)
    return list(names.items())


def _groups(codes: list[str], today: date) -> list[Group]:
    """The groups with their grids and the line people of each. Queries: 1, and 2 per code."""
    groups: dict[str, Group] = {}
    grids: dict[str, Grid] = {}
    for code in codes:
        groups |= {p.code: Group(p.name) for p in list_places("group", code)}
        for place in list_places("grid", code):
            grids[place.code] = Grid(place.name)
            if place.parent_id in groups:
                groups[place.parent_id].grids.append(grids[place.code])
    for posting in public_line_people(codes, on=today):
        if posting.place_id in grids:
            _add(grids[posting.place_id], posting.user.name, posting.line, posting.is_leader)
    return list(groups.values())


def _add(grid: Grid, name: str, line: str, leads: bool) -> None:
    """Add one posting; a person who stands in several lines is shown once."""
    known = next((p for p in grid.people if p.name == name), None)
    if known is None:
        grid.people.append(Line(name, ROLES[line].label, leads))
    else:
        known.lines += f"、{ROLES[line].label}"
        known.is_leader |= leads
