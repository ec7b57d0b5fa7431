"""Tags of the desk's pages: places and offices in words, addresses with one part changed."""

from datetime import date
from typing import Any

from django import template
from django.template.context import Context

from lianhu.desk.where import Names
from lianhu.kernel.catalogue import read
from lianhu.kernel.workdays import state_calendar

register = template.Library()


@register.filter
def where(code: str, names: Names) -> str:
    """A place in words, as far as the reader needs it."""
    return names.where(code)


@register.filter
def office_at(office: str, names: Names) -> str:
    """An office in words, with its place unless that is the reader's own."""
    return names.office(office)


@register.filter
def unpublished(day: date) -> bool:
    """Whether the State Council has not yet arranged the holidays of this day's year."""
    return not state_calendar().is_published(day)


@register.filter
def verb_words(verb: str) -> str:
    """What a ledger entry says was done."""
    return str(read("ledger.toml")["words"].get(verb, verb))


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
