"""Divide a village or a group into grids: a proposal that is wholly a link, then one action."""

from collections import defaultdict
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.desk.page import REFUSED, go, said, show, staff
from lianhu.desk.sketch import Sketch, Spot, sketch
from lianhu.desk.where import names_for
from lianhu.grids.actions import apply_division
from lianhu.grids.plan import GroupPlan, Home, Proposal, Wish
from lianhu.grids.queries import propose, read_moves
from lianhu.grids.queries.register import GROUP
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.territory.queries import get_place, path_of

WIDEST = 12
MOVED, MIDDLE = "换网格", "走到这一户"


def _wish(asked: QueryDict) -> Wish:
    """What the address or the form asks for; households picked just now come after the others."""
    moves = asked.getlist("move")
    if to := asked.get("to"):
        moves = [*moves, *(f"{home}:{to}" for home in asked.getlist("pick"))]
    return Wish(
        fresh=asked.get("fresh") == "1",
        locked=frozenset(asked.getlist("lock")),
        moves=read_moves(moves),
    )


@staff
def grids(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """The proposal that the address asks for."""
    try:
        return _page(request, actor, code, _wish(request.GET))
    except Refusal as refusal:
        return _page(request, actor, code, Wish(), refused=said(refusal))


@require_POST
@staff
def apply(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """Make the proposal true, or say what has changed since it was made."""
    wish = _wish(request.POST)
    try:
        apply_division(
            actor, code, wish, request.POST.get("stamp", ""), on=localdate(), at=timezone.now()
        )
    except Refusal as refusal:
        return _page(request, actor, code, Wish(), refused=said(refusal))
    return go(f"/desk/places/{code}/", done="grids")


def _page(
    request: HttpRequest, actor: Actor, code: str, wish: Wish, *, refused: str = ""
) -> HttpResponse:
    place = get_place(code)
    actor.require("grid.propose", place.code, code="place.not_found")
    if len(place.code) < WIDEST:
        raise Refusal("grids.too_wide")
    proposal = propose(actor, place.code, wish, on=localdate())
    path = path_of(place.code)
    codes = [grid.code for group in proposal.groups for grid in group.grids]
    return show(
        request, actor, "desk/grids.html", tab="places", status=REFUSED if refused else 200,
        place=place, path=path, refused=refused, proposal=proposal, wish=wish,
        open_codes={p.code for p in path if actor.holds("place.read", p.code)},
        names=names_for(actor, [*codes, *(group.code for group in proposal.groups)]),
        groups=_groups(proposal), moved=MOVED, may_apply=actor.holds("grid.apply", place.code),
        moves=[f"{home}:{grid}" for home, grid in wish.moves],
    )  # fmt: skip


def _groups(proposal: Proposal) -> list[dict[str, Any]]:
    """Each group with its pictures and the households of each grid that there would be."""
    homes: dict[str, list[Home]] = defaultdict(list)
    for home in proposal.homes:
        homes[home.after].append(home)
    return [
        {
            "plan": plan,
            "pictures": _pictures([h for grid in plan.kept for h in homes[grid.code]], plan),
            "grids": [
                {
                    "plan": grid,
                    "number": _number(grid.code),
                    "locked": grid.code in proposal.wish.locked,
                    "homes": homes[grid.code],
                }
                for grid in plan.grids
            ],
        }
        for plan in proposal.groups
    ]


def _number(grid: str) -> int:
    return int(grid[GROUP:])


def _pictures(homes: list[Home], plan: GroupPlan) -> list[tuple[str, Sketch]]:
    """How the group's households lie in the grids of now, where that is another division, and in
    those of the proposal, with what is said of some of them."""
    drawn = []
    if plan.changed:
        drawn.append(("现在", [(home, home.before, "") for home in homes if home.before]))
    drawn.append(("方案", [(home, home.after, _said_of(home)) for home in homes]))
    found = [
        (
            name,
            sketch(
                Spot(home.lon, home.lat, str(home.id), str(_number(grid)), words=words)
                for home, grid, words in spots
            ),
        )
        for name, spots in drawn
    ]
    return [(name, picture) for name, picture in found if picture is not None]


def _said_of(home: Home) -> str:
    if home.before and home.before != home.after:
        return MOVED
    return MIDDLE if not home.walk_m else ""
