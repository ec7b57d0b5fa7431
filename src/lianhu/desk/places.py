"""Places and doors: a village, a group or a grid with who answers there; a grid's households."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.accounts.queries.staff import list_staff
from lianhu.desk.drill import drill
from lianhu.desk.page import chosen_place, go, sheet_of, show, staff
from lianhu.desk.where import names_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.matters.queries.counts import count_below
from lianhu.people.actions import look_up_id_number
from lianhu.people.queries import count_by_place, list_households
from lianhu.postings.queries import list_gaps, list_postings
from lianhu.territory.queries import get_place, path_of
from lianhu.visits.queries import last_visits

GRID, GROUP, VILLAGE = 17, 14, 12
ID_LENGTH = 18
MOST_PEOPLE = 60
ORDERS = {"": "按网格和户号", "code": "按户号", "name": "按户主", "-size": "人多的在前"}
MOST_OF_VILLAGE = 12


def wanted_households(request: HttpRequest, actor: Actor) -> tuple[Any, str, str]:
    """The households that the address asks for, the place they are of, and what was looked for, in
    words that may stand on a page. None by an ID number: addresses are remembered and logged."""
    words = _plain(request.GET.get("words", ""))
    under = chosen_place(request, actor)
    actor.require("household.read", under)
    if _is_id_number(words):
        return (
            list_households(actor).none(),
            under,
            "身份证号（请写在上面的框里，网址里的不查）",
        )
    order = request.GET.get("order", "")
    return list_households(actor, under=under, words=words, order=order), under, words


def _plain(words: str) -> str:
    return words.strip().replace("\x00", "")[:30]


def _is_id_number(words: str) -> bool:
    return len(words) == ID_LENGTH and words[:17].isdigit()


@staff
def places(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Where to begin: search a household, or go down from the widest place of one's own."""
    if not request.GET.get("words", "").strip() and not request.GET.get("list"):
        return _place(request, actor, chosen_place(request, actor))
    return _households(request, actor, *wanted_households(request, actor))


@require_POST
@staff
def search(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The form of the search: an ID number is looked up here, anything else by its address."""
    words = _plain(request.POST.get("words", ""))
    under = chosen_place(request, actor)
    if not _is_id_number(words):
        more = {
            name: request.POST[name] for name in ("list", "order") if request.POST.get(name)
        }
        return go("/desk/places/", place=under, words=words, **more)
    actor.require("household.read", under)
    persons = look_up_id_number(actor, words, at=timezone.now())
    found = list_households(actor).filter(id__in=[p.household_id for p in persons])
    return _households(request, actor, found, under, "身份证号（不在这里再显示）")


def _households(
    request: HttpRequest, actor: Actor, found: Any, under: str, words: str
) -> HttpResponseBase:
    sheet = sheet_of(found, request)
    path = path_of(under)
    return show(
        request, actor, "desk/households.html", tab="places", sheet=sheet,
        names=names_for(actor, [h.place_id for h in sheet.rows]), words=words, under=under,
        path=path, open_codes={p.code for p in path if actor.holds("place.read", p.code)},
        order=request.GET.get("order", ""), orders=ORDERS, may_export=actor.holds("export", under),
    )  # fmt: skip


@staff
def place(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """One place; a former code shows the place that answers for it now."""
    living = get_place(code).code
    actor.require("place.read", living, code="place.not_found")
    return _place(request, actor, living)


def _place(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    today = localdate()
    here = get_place(code)
    path = path_of(code)
    page: dict[str, Any] = {
        "place": here,
        "path": path,
        "open_codes": {p.code for p in path if actor.holds("place.read", p.code)},
        "numbers": _numbers(actor, code),
        "may_homes": actor.holds("household.read", code),
        "may_change": actor.holds("place.change", code),
        "may_divide": len(code) in (VILLAGE, GROUP) and actor.holds("grid.propose", code),
        "may_list_grids": len(code) <= VILLAGE and actor.holds("grid.propose", code),
        "may_resources": len(code) >= VILLAGE and actor.holds("resource.read", code),
        "may_post": len(code) == GRID and actor.holds("posting.change", code),
        "may_matters": actor.holds("matter.read", code),
        "may_visits": actor.holds("visit.read", code),
    }
    if actor.holds("posting.read", code):
        page |= _people(actor, code)
    if len(code) == GRID:
        if page["may_homes"]:
            page |= _doors(request, actor, code)
    else:
        page["drill"] = drill(actor, code, request.GET.get("figure", ""), today=today)
    return show(request, actor, "desk/place.html", tab="places", **page)


def _numbers(actor: Actor, code: str) -> list[tuple[str, int]]:
    """What is counted here, as far as the actor may see it. Three queries at most."""
    numbers: list[tuple[str, int]] = []
    today = localdate()
    if actor.holds("household.read", code):
        households, people = count_by_place(actor, [code], code)[code]
        numbers += [("户", households), ("人", people)]
    if actor.holds("matter.read", code):
        counted = count_below(actor, [code], under=code, today=today)[code]
        numbers += [("件没办完", counted.open), ("件已超期", counted.late)]
    return numbers


def _people(actor: Actor, code: str) -> dict[str, Any]:
    """Who answers here: postings of the three lines, the office-holders, the gaps."""
    today = localdate()
    if len(code) < VILLAGE:
        return {"offices": list(list_staff(actor, on=today, under=code, lines=False)
                                .filter(place_id=code)[:MOST_PEOPLE])}  # fmt: skip
    most = MOST_OF_VILLAGE if len(code) == VILLAGE else MOST_PEOPLE
    posts = list(list_postings(actor, under=code, on=today)[: most + 1])
    gaps = list(list_gaps(actor, under=code, on=today)[:MOST_PEOPLE])
    offices = list(list_staff(actor, on=today, under=code, lines=False)[:MOST_PEOPLE])
    return {
        "posts": posts[:most],
        "posts_more": len(posts) > most,
        "gaps": gaps,
        "offices": offices,
        "names": names_for(actor, [*(p.place_id for p in posts), *(g.code for g in gaps)]),
    }


def _doors(request: HttpRequest, actor: Actor, code: str) -> dict[str, Any]:
    """The households of a grid with the last visit to each."""
    sheet = sheet_of(list_households(actor, under=code), request)
    visits = {} if not actor.holds("visit.read", code) else last_visits(actor, [code])
    return {"sheet": sheet, "doors": [(h, visits.get(h.id)) for h in sheet.rows]}


def wanted_grid(actor: Actor, code: str) -> str:
    """A living grid in reach; refuses ``place.not_found``."""
    grid = get_place(code).code
    if len(grid) != GRID:
        raise Refusal("place.not_found")
    actor.require("place.read", grid, code="place.not_found")
    return grid
