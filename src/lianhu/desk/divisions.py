"""Change the divisions: rename, convert, merge, add, each from a day on."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.timezone import localdate

from lianhu.desk.page import REFUSED, go, said, show, staff
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.territory.actions import add_place, convert_place, merge_place, rename_place
from lianhu.territory.queries import get_place, list_children, path_of
from lianhu.territory.rules import level_of, parent_of

BELOW = {"county": "镇", "town": "村或社区", "village": "村民小组", "group": "网格"}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refusal("place.bad_day") from error


@staff
def change(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """The four changes of one place, a form each; what was typed stays when one is refused."""
    place = get_place(code)
    if not actor.holds("place.change", place.code):
        raise NotPermitted("place.not_found")
    if request.method != "POST":
        return _page(request, actor, place)
    try:
        new = _do(request, actor, place)
    except Refusal as refusal:
        return _page(request, actor, place, refused=said(refusal))
    return go(f"/desk/places/{new}/", done="place")


def _do(request: HttpRequest, actor: Actor, place: Any) -> str:
    """Make the change that the form names; the code of the place to look at next."""
    typed, now = request.POST, timezone.now()
    on, name, what = _day(typed.get("on", "")), typed.get("name", ""), typed.get("what", "")
    code = typed.get("code", "").strip()
    if what == "rename":
        return rename_place(actor, place.code, name, on=on, at=now).code
    if what == "merge":
        return merge_place(actor, place.code, typed.get("into", ""), on=on, at=now).code
    if what == "convert":
        return convert_place(actor, place.code, code, name or place.name, on=on, at=now).code
    if what == "add":
        if parent_of(code) != place.code:
            raise Refusal("place.bad_code")
        community = typed.get("community") == "1"
        return add_place(actor, code, name, on=on, at=now, is_community=community).code
    raise Refusal("place.bad_code")


def _page(request: HttpRequest, actor: Actor, place: Any, *, refused: str = "") -> HttpResponse:
    level = level_of(place.code)
    around = list(list_children(parent_of(place.code))) if parent_of(place.code) else []
    path = path_of(place.code)
    return show(
        request, actor, "desk/divisions.html", tab="places", status=REFUSED if refused else 200,
        place=place, path=path, level=level, below=BELOW.get(level, ""), refused=refused,
        open_codes={p.code for p in path if actor.holds("place.read", p.code)},
        neighbours=[p for p in around if p.code != place.code and len(p.code) == len(place.code)],
        typed=request.POST, today=localdate(),
    )  # fmt: skip
