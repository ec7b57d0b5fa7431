"""Persons who may be registered twice: side by side, and a person decides."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.timezone import localdate

from lianhu.desk.lists import Select, asked_of
from lianhu.desk.page import REFUSED, chosen_place, go, said, sheet_of, show, staff
from lianhu.desk.where import names_for
from lianhu.grading.actions.homes import merge_persons, unmerge_persons
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.people.actions.duplicates import TAKEN
from lianhu.people.queries import get_household, get_person, list_cards
from lianhu.people.queries.duplicates import find_duplicates
from lianhu.territory.queries import path_of

VERB, PAGE = "household.change", "/desk/duplicates/"
WHY = {"id_number": "身份证号相同", "birth": "同村、同名、同一天出生"}
FIELDS = {
    "name": "姓名", "sex": "性别", "born_on": "出生日期", "id_number": "身份证号",
    "phone": "电话", "residence": "在家或外出",
}  # fmt: skip


@staff
def duplicates(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Those who may be registered twice below a place, those of one ID number first."""
    actor.require(VERB, "")
    place = chosen_place(request, actor, VERB)
    asked = asked_of(request, Select("why", "为什么", {"": "全部", **WHY}))
    why = asked.value("why")
    found = [g for g in find_duplicates(actor, place) if why in {"", g.why}]
    sheet = sheet_of(found, request, 20)
    groups = sheet.rows
    path = path_of(place)
    people = [person for group in groups for person in group.persons]
    return show(
        request, actor, "desk/duplicates.html", tab="places", path=path,
        asked=asked, sheet=sheet,
        groups=[(WHY[group.why], group.persons) for group in groups],
        names=names_for(actor, [person.place_id for person in people]),
        open_codes={p.code for p in path if actor.holds("place.read", p.code)},
    )  # fmt: skip


@staff
def pair(request: HttpRequest, actor: Actor, keep_id: UUID, drop_id: UUID) -> HttpResponseBase:
    """Two registrations side by side; which stays, and what it takes over from the other."""
    people = [get_person(actor, key, verb=VERB) for key in (keep_id, drop_id)]
    if request.method != "POST":
        return _pair(request, actor, people)
    try:
        kept = merge_persons(
            actor, keep_id, drop_id, request.POST.getlist("take"),
            words=request.POST.get("words", ""), at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        return _pair(request, actor, people, said(refusal))
    return go(f"/desk/persons/{kept.id}/", done="change")


def _pair(
    request: HttpRequest, actor: Actor, people: list[Any], refused: str = ""
) -> HttpResponse:
    sides = []
    for person in people:
        home = get_household(actor, person.household_id)
        cards = list_cards(actor, home, today=localdate())
        card = next((c for c in cards if c.id == person.id), None)
        if card is None:
            raise NotPermitted("person.not_found")
        born = person.born_on.isoformat() if person.born_on else person.born_month
        values = {
            "name": card.name, "sex": card.sex, "born_on": born, "id_number": card.id_number,
            "phone": card.phone, "residence": card.residence,
        }  # fmt: skip
        sides.append({"row": person, "card": card, "home": home, "values": values})
    keep, drop = sides
    lines = [
        (field, FIELDS[field], keep["values"][field], drop["values"][field]) for field in TAKEN
    ]
    path = path_of(people[0].place_id)
    return show(
        request, actor, "desk/pair.html", tab="places", status=REFUSED if refused else 200,
        refused=refused, keep=keep, drop=drop, lines=lines, path=path,
        names=names_for(actor, [person.place_id for person in people]),
        open_codes={p.code for p in path if actor.holds("place.read", p.code)},
    )  # fmt: skip


@staff
def unmerge(request: HttpRequest, actor: Actor, change_id: UUID) -> HttpResponseBase:
    """Take a merge back, with the reason."""
    actor.require(VERB, "")
    if request.method != "POST":
        return go(PAGE)
    words = request.POST.get("words", "")
    back = unmerge_persons(actor, change_id, words=words, at=timezone.now())
    return go(f"/desk/persons/{back.id}/", done="change")
