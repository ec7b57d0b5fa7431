"""How much help households are owed: what waits for a person, and one household's page."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.accounts.queries.staff import accounts_of
from lianhu.desk.lists import Asked, Select, asked_of, order_by
from lianhu.desk.page import REFUSED, chosen_place, go, said, sheet_of, show, staff
from lianhu.desk.where import names_for
from lianhu.grading.actions import appeals, decide, facts
from lianhu.grading.queries.colours import grade_of, history_of
from lianhu.grading.queries.tables import table_in_force
from lianhu.grading.queries.waiting import (
    facts_of,
    get_appeal,
    list_appeals,
    list_confirmations,
    list_renewals,
    open_suggestions,
    suggestion_for,
)
from lianhu.grading.rules.colours import BY_ORDER, ORDER, SHAPES, WORDS, clocks
from lianhu.grading.rules.table import fact_kinds
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.people.queries import get_household, list_cards
from lianhu.territory.queries import path_of, within
from lianhu.visits.queries import county_rules
from lianhu.visits.rules import cadence, every_words

VERBS = ("grade.propose", "grade.confirm", "grade.appeal")
SUGGESTED = {"": "按地方", "colour": "最要紧的在前"}
WAITING_ORDERS = {
    "confirm": ("早提的在前", "新提的在前"),
    "renew": ("先到期的在前", "后到期的在前"),
    "appeals": ("先到期的在前", "后到期的在前"),
}
VIEWS = {
    "suggestions": ("系统的建议", "grade.propose"),
    "confirm": ("等第二个人", "grade.confirm"),
    "renew": ("快到期", "grade.propose"),
    "appeals": ("申诉", "grade.appeal"),
}


@staff
def grades(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Suggestions with their reasons, decisions for a second person, renewals and appeals."""
    views = {code: name for code, (name, verb) in VIEWS.items() if actor.holds(verb)}
    if not views:
        actor.require("grade.propose", "")
    view = request.GET.get("view", "")
    view = view if view in views else next(iter(views))
    verb, today = VIEWS[view][1], localdate()
    place = chosen_place(request, actor, verb)
    asked = _asked(request, view)
    page: dict[str, Any] = {}
    rows: Any
    if view == "suggestions":
        found, rows = open_suggestions(actor, under=place, on=today)
        page = {"found": found}
        rows = _suggested(rows, asked)
    elif view == "confirm":
        page = {"mine": accounts_of(actor.id)}
        rows = list_confirmations(actor)
    elif view == "renew":
        rows = list_renewals(actor, on=today)
    else:
        rows = list_appeals(actor)
    if view != "suggestions":
        rows = rows.filter(within([place], "household__place_id"))
        if asked.value("order") == "place":
            rows = rows.order_by("household__place_id", "household__code", "id")
        elif asked.value("order") == "reverse":
            rows = rows.reverse()
    sheet = sheet_of(rows, request)
    codes = [r.place if view == "suggestions" else r.household.place_id for r in sheet.rows]
    path = path_of(place)
    return show(
        request, actor, "desk/grades/queue.html", tab="grades", views=views, view=view,
        sheet=sheet, names=names_for(actor, codes), today=today, path=path, asked=asked,
        open_codes={p.code for p in path if actor.holds(verb, p.code)}, **page,
    )  # fmt: skip


def _asked(request: HttpRequest, view: str) -> Asked:
    """Colour and order. Nothing here is ever a file (norms.md, "People come first", 4)."""
    if view == "suggestions":
        colours = {c.value: f"{SHAPES[c]} {WORDS[c]}" for c in reversed(BY_ORDER[1:])}
        selects = [Select("colour", "建议", {"": "全部建议", **colours}), order_by(SUGGESTED)]
    else:
        usual, reverse = WAITING_ORDERS[view]
        selects = [order_by({"": usual, "reverse": reverse, "place": "按地方"})]
    return asked_of(request, *selects, keep=("view", "place"))


def _suggested(rows: list[Any], asked: Asked) -> list[Any]:
    colour = asked.value("colour")
    kept = [row for row in rows if colour in {"", row.colour}]
    if asked.value("order") == "colour":
        kept.sort(key=lambda row: -ORDER[row.colour])
    return kept


@staff
def grade(request: HttpRequest, actor: Actor, household_id: UUID) -> HttpResponseBase:
    """One household: its colour, why, every decision, what is recorded, and what may be done. That
    it was looked at is noted."""
    return _page(request, actor, household_id)


def _page(
    request: HttpRequest, actor: Actor, household_id: UUID, *, refused: str = ""
) -> HttpResponse:
    today = localdate()
    history = history_of(actor, household_id)
    household = get_household(actor, household_id)
    place = household.place_id
    page: dict[str, Any] = {
        "household": household,
        "path": path_of(place),
        "open_codes": set(),
        "now": grade_of(actor, household_id, on=today),
        "history": history,
        "waiting": next((g for g in history if g.state == "waiting"), None),
        "held": next((g for g in history if g.state == "held"), None),
        "may_propose": actor.holds("grade.propose", place),
        "may_confirm": actor.holds("grade.confirm", place),
        "may_record": actor.holds("grade.fact", place),
        "may_care": actor.holds("care.open", place),
        "mine": accounts_of(actor.id),
        "refused": refused,
        "typed": request.POST,
        "today": today,
    }
    if page["may_propose"]:
        rule = cadence(county_rules(place), today)
        page["often"] = {colour: every_words(days) for colour, days in rule.every.items()}
        page["terms"] = clocks(today)
        page["suggestion"] = suggestion_for(actor, household_id, on=today)
    if page["may_record"]:
        kinds = {n: k for n, k in fact_kinds().items() if k["from"] == "record"}
        page |= {
            "facts": list(facts_of(actor, household_id)),
            "kinds": kinds,
            "cards": list_cards(actor, household, today=today),
        }
    status = REFUSED if refused else 200
    # Reasons tell what is recorded as the rows themselves do, so the page is a look as a whole.
    facts.note_look(actor, household, at=timezone.now())
    return show(
        request, actor, "desk/grades/household.html", tab="grades", status=status, **page
    )


@require_POST
@staff
def do(request: HttpRequest, actor: Actor, household_id: UUID, what: str) -> HttpResponseBase:
    """Propose, decline, end with notice, confirm or refuse, record or end a fact."""
    get_household(actor, household_id)
    try:
        _do(request, actor, household_id, what)
    except Refusal as refusal:
        return _page(request, actor, household_id, refused=said(refusal))
    # Who only confirms does not see the household any longer once that is done.
    if not actor.holds("grade.propose") and what in {"confirm", "refuse"}:
        return go("/desk/grades/?view=confirm", done=f"grade_{what}")
    return go(f"/desk/households/{household_id}/grade/", done=f"grade_{what}")


def _do(request: HttpRequest, actor: Actor, household_id: UUID, what: str) -> None:
    typed, now = request.POST, timezone.now()
    reason, colour = typed.get("reason", ""), typed.get("colour", "")
    if what == "propose":
        row = suggestion_for(actor, household_id, on=localdate(now))
        table = table_in_force(get_household(actor, household_id).place_id[:6], localdate(now))
        fits = row is not None and row.colour == colour
        decide.propose_grade(
            actor, household_id, colour, reason, at=now,
            evidence=row.why if row and fits else (),
            rules=f"{table.title}（{table.since}起）" if fits else "",
        )  # fmt: skip
    elif what == "decline":
        decide.decline_suggestion(actor, household_id, colour, reason, at=now)
    elif what == "end":
        decide.end_grade(actor, household_id, reason, at=now)
    elif what == "confirm":
        decide.confirm_grade(actor, _uuid(typed.get("grade", "")), at=now)
    elif what == "refuse":
        decide.refuse_grade(actor, _uuid(typed.get("grade", "")), reason, at=now)
    elif what == "end-fact":
        last = _day(typed.get("last_day", ""))
        facts.end_fact(actor, _uuid(typed.get("fact", "")), last_day=last, at=now)
    elif what == "fact":
        _record(request, actor, household_id)
    else:
        raise Refusal("grading.not_found")


def _record(request: HttpRequest, actor: Actor, household_id: UUID) -> None:
    """The form of a fact: "kind" or "kind:value", and for a fact of a person whose."""
    typed = request.POST
    kind, _, value = typed.get("kind", "").partition(":")
    who = typed.get("person", "") if fact_kinds().get(kind, {}).get("of") == "person" else ""
    facts.record_fact(
        actor, household_id, kind, value=value, since=_day(typed.get("since", "")),
        until=_day(typed["until"]) if typed.get("until") else None,
        source=typed.get("source", ""), person_id=_uuid(who) if who else None,
        at=timezone.now(),
    )  # fmt: skip


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refusal("grading.bad_day") from error


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Refusal("grading.not_found") from error


@staff
def appeal(request: HttpRequest, actor: Actor, appeal_id: UUID) -> HttpResponseBase:
    """An appeal: what the household says, what was decided before, and the answer."""
    row = get_appeal(actor, appeal_id)
    refused = ""
    if request.method == "POST":
        typed = request.POST
        try:
            appeals.decide_appeal(
                actor, appeal_id, typed.get("answer", ""),
                upheld=typed.get("upheld") == "1", colour=typed.get("colour", ""),
                at=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:
            refused = said(refusal)
        else:
            return go("/desk/grades/?view=appeals", done="grade_appeal")
    history = history_of(actor, row.household_id) if row.decided_at is None else []
    place = row.household.place_id
    facts.note_look(actor, row.household, at=timezone.now())
    return show(
        request, actor, "desk/grades/appeal.html", tab="grades", appeal=row,
        history=history, red_waits=any(g.state == "waiting" for g in history),
        refused=refused, path=path_of(place), open_codes=set(),
        typed=request.POST, status=REFUSED if refused else 200, today=localdate(),
    )  # fmt: skip
