"""Tags of the desk's pages: places and offices in words, addresses with one part changed."""

from datetime import date
from typing import Any

from django import template
from django.template.context import Context

from lianhu.desk.where import Names
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.workdays import state_calendar
from lianhu.people.rules import CHANGE_WORDS

register = template.Library()
FIELD_WORDS = {
    "name": "姓名", "relation": "与户主关系", "sex": "性别", "born_on": "出生日期",
    "id_number": "身份证号", "phone": "电话", "address": "住址", "code": "户号",
    "head": "户主", "place": "地方", "residence": "在家或外出", "away_to": "外出去了哪里",
    "spot": "地图上的位置",
}  # fmt: skip


@register.filter
def where(code: str, names: Names) -> str:
    """A place in words, as far as the reader needs it."""
    return names.where(code)


@register.simple_tag
def page_of(actor: Actor, entry: Any) -> str:
    """The page of what a ledger entry is about, for who may open it; else ""."""
    place, official = entry.place_id, "" if entry.row_class == "ordinary" else "+official"
    if entry.object_kind == "matter":
        open_to = actor.holds(f"matter.read{official}", place)
        return f"/desk/matters/{entry.object_id}/" if open_to else ""
    home = entry.object_id if entry.object_kind == "household" else entry.facts.get("household")
    return f"/desk/households/{home}/" if home and actor.holds("household.read", place) else ""


@register.filter
def office_at(office: str, names: Names) -> str:
    """An office in words, with its place unless that is the reader's own."""
    return names.office(office)


@register.filter
def percent(share: float) -> str:
    """0.052 as 5.2%."""
    return f"{100 * share:.1f}%" if share else "0%"


@register.filter
def unpublished(day: date) -> bool:
    """Whether the State Council has not yet arranged the holidays of this day's year."""
    return not state_calendar().is_published(day)


@register.filter
def verb_words(verb: str) -> str:
    """What a ledger entry says was done."""
    return str(read("ledger.toml")["words"].get(verb, verb))


@register.filter
def list_name(name: str) -> str:
    """A list of residents that may be carried out, in words."""
    return str(read("exports.toml")["lists"].get(name, name))


@register.filter
def export_purpose(code: str) -> str:
    """What a list is carried out for, in words."""
    return str(read("purposes.toml")["export"].get(code, code))


@register.filter
def change_words(kind: str) -> str:
    """What a change of the register was."""
    return CHANGE_WORDS.get(kind, kind)


@register.filter
def field_words(field: str) -> str:
    """A field of the register in words."""
    return FIELD_WORDS.get(field, field)


@register.filter
def pairs(text: str) -> list[list[str]]:
    """ "a=x b=y" as pairs."""
    return [part.split("=") for part in text.split()]


@register.simple_tag(takes_context=True)
def with_query(context: Context, **changes: Any) -> str:
    """The present address with some parts of its query changed; None takes one away."""
    query = context["request"].GET.copy()
    for gone in ("page", "done", "sel", "before"):
        if gone not in changes:
            query.pop(gone, None)
    for key, value in changes.items():
        if value in {None, ""}:
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}"
