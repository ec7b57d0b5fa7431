"""How often households are visited by colour: the rule in force, those to come and former ones; who
answers for the county sets another from a day on."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.timezone import localdate

from lianhu.desk.page import REFUSED, go, may, said, show, staff
from lianhu.grading.rules.colours import BY_ORDER
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.visits.actions import set_cadence
from lianhu.visits.queries import list_cadences
from lianhu.visits.rules import (
    COLOURS,
    Rule,
    cadence,
    county_rule,
    every_words,
    limits,
    our_rule,
)

VERB = "visit.rules"
NUMBERS = (*COLOURS, "first", "per_day")


@staff
def often(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The rule in force, those to come and former ones, and a form for whoever may set another."""
    actor.require("visit.read", "")
    if request.method != "POST":
        return _page(request, actor)
    actor.require(VERB, "")
    try:
        set_cadence(actor, _county(actor), _typed(request), at=timezone.now())
    except Refusal as refusal:
        return _page(request, actor, refused=said(refusal))
    return go("/desk/visits/often/", done="often")


def _county(actor: Actor) -> str:
    return actor.scopes.get(VERB, actor.scopes["visit.read"])[0][:6]


def _typed(request: HttpRequest) -> Rule:
    """The rule that the form says; what is no number is 0, which no rule may have."""
    typed = {n: request.POST.get(n, "") for n in (*NUMBERS, "since", "source")}
    number = {n: int(v) if (v := typed[n]).isdecimal() and len(v) < 5 else 0 for n in NUMBERS}
    try:
        since = date.fromisoformat(typed["since"])
    except ValueError as error:
        raise Refusal("cadence.past_day") from error
    every = {colour: number[colour] for colour in COLOURS}
    return county_rule(since, typed["source"], every, number["first"], number["per_day"])


def _page(request: HttpRequest, actor: Actor, *, refused: str = "") -> HttpResponse:
    today, versions = localdate(), list_cadences(_county(actor))
    now = cadence([rule for rule, _ in versions], today)
    typed: Any = request.POST if refused else _form(now, today)
    return show(
        request, actor, "desk/visits_often.html", tab="visits", now=now, ours=our_rule(today),
        lines=[(rule, row, _lines(rule)) for rule, row in reversed(versions)], today=today,
        now_lines=_lines(now), refused=refused, may_set=actor.holds(VERB), typed=typed,
        limits=limits(today),
        asked=[(colour, typed.get(colour.value, "")) for colour in reversed(BY_ORDER)],
        may_plan=may(actor, "grade.read"), status=REFUSED if refused else 200,
    )  # fmt: skip


def _lines(rule: Rule) -> list[tuple[Any, str]]:
    """Each colour, those owed most first, with its interval in words."""
    return [(colour, every_words(rule.every[colour])) for colour in reversed(BY_ORDER)]


def _form(now: Rule, today: date) -> dict[str, Any]:
    """What the form begins with: the figures in force, from today."""
    return {**now.every, "first": now.first, "per_day": now.per_day, "since": today.isoformat()}
