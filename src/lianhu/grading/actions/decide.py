"""Decide about a household's colour: propose, confirm, renew, end with notice.

A person decides, red takes two. Nothing here lowers a colour but an end that was decided, told
and open to appeal. Ledger entries carry the row class "grade" and never the colour: the ledger's
readers are not those who care for the household.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from lianhu.accounts.queries.staff import accounts_of
from lianhu.audit.actions import raise_grids, record
from lianhu.grading.models import Grade
from lianhu.grading.queries.colours import helping
from lianhu.grading.rules.colours import (
    HELPING,
    ORDER,
    Colour,
    State,
    clocks,
    months_after,
    needs_two,
)
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.transactions import one_transaction
from lianhu.kernel.workdays import state_calendar
from lianhu.people.models import Household
from lianhu.people.queries import get_household
from lianhu.territory.queries import reach

ROW_CLASS = "grade"  # of ledger entries: reach() opens it to nobody
LONGEST = 500


def words_wanted(text: str, most: int = LONGEST) -> str:
    """What was written, trimmed; refuses ``grading.no_reason``, ``grading.too_long``."""
    text = text.replace("\x00", "").strip()
    if not text:
        raise Refusal("grading.no_reason")
    if len(text) > most:
        raise Refusal("grading.too_long", most=most)
    return text


def note(
    actor: Actor, verb: str, household: Household, *, at: datetime, tell: bool = True
) -> None:
    """One entry about a household without its colour; phones of its grid hear of the change."""
    record(
        actor, verb, "household", household.id, household.place_id, at=at,
        row_class=ROW_CLASS,
    )  # fmt: skip
    if tell:
        raise_grids(household.place_id)


@one_transaction
def propose_grade(
    actor: Actor,
    household_id: UUID,
    colour: str,
    reason: str,
    *,
    at: datetime,
    evidence: Sequence[dict[str, Any]] = (),
    rules: str = "",
) -> Grade:
    """Decide that a household is owed more help; red then waits for a second person.

    The same colour again renews it for another term. Refuses ``household.not_found``,
    ``grading.bad_colour``, ``grading.less_help`` (less comes only by `end_grade`),
    ``grading.waiting``, ``grading.no_reason``, ``grading.too_long``.
    """
    household = get_household(actor, household_id, verb="grade.propose")
    if colour not in {Colour.YELLOW, Colour.RED}:
        raise Refusal("grading.bad_colour")
    today, wish = localdate(at), Colour(colour)
    now = Grade.objects.filter(helping(today), household=household).first()
    if now is not None and ORDER[Colour(now.colour)] > ORDER[wish]:
        raise Refusal("grading.less_help")
    if Grade.objects.filter(household=household, state=State.WAITING).exists():
        raise Refusal("grading.waiting")
    grade = Grade(
        household=household,
        colour=wish,
        state=State.WAITING,
        reason=words_wanted(reason),
        evidence=list(evidence),
        rules=rules,
        proposed_by=actor.id,
        proposed_by_name=actor.name,
        proposed_at=at,
    )
    if not needs_two(wish):
        put_in_force(grade, today)
    grade.save(force_insert=True)
    note(actor, "grade.propose", household, at=at, tell=grade.state == State.HELD)
    return grade


def put_in_force(grade: Grade, today: date) -> None:
    """Let a decision hold from today for its term; what held before is replaced."""
    before = (*HELPING, State.RESTING)
    Grade.objects.filter(household=grade.household, state__in=before).update(
        state=State.REPLACED, ends_on=today
    )
    grade.state = State.HELD
    grade.starts_on, grade.reminded_on = today, None
    grade.lapses_on = months_after(today, clocks(today)["lapse_months"])


def agree(actor: Actor, grade: Grade, at: datetime) -> None:
    """Let a decision that waited hold by a second person, who the caller knows to be one."""
    grade.confirmed_by, grade.confirmed_by_name = actor.id, actor.name
    grade.confirmed_at = at
    put_in_force(grade, localdate(at))
    grade.save()


def _waiting(actor: Actor, grade_id: UUID) -> Grade:
    homes = reach(Household.objects, actor, "grade.confirm")
    grade = (
        Grade.objects.select_related("household")
        .filter(id=grade_id, household__in=homes)
        .first()
    )
    if grade is None:
        raise NotPermitted("grading.not_found")
    if grade.state != State.WAITING:
        raise Refusal("grading.settled")
    return grade


@one_transaction
def confirm_grade(actor: Actor, grade_id: UUID, *, at: datetime) -> Grade:
    """The second person agrees; another account of the first is none. Refuses
    ``grading.not_found``, ``grading.settled``, ``grading.same_person``."""
    grade = _waiting(actor, grade_id)
    if grade.proposed_by in accounts_of(actor.id):
        raise Refusal("grading.same_person")
    agree(actor, grade, at)
    note(actor, "grade.confirm", grade.household, at=at)
    return grade


@one_transaction
def refuse_grade(actor: Actor, grade_id: UUID, reason: str, *, at: datetime) -> Grade:
    """The second person does not agree, and says why; nothing changes for the household.

    Who proposed it may take it back this way. Refuses ``grading.not_found``,
    ``grading.settled``, ``grading.no_reason``, ``grading.too_long``.
    """
    grade = _waiting(actor, grade_id)
    grade.state, grade.end_reason = State.REFUSED, words_wanted(reason)
    grade.ended_by, grade.ended_by_name = actor.id, actor.name
    grade.save()
    note(actor, "grade.refuse", grade.household, at=at, tell=False)
    return grade


@one_transaction
def decline_suggestion(
    actor: Actor, household_id: UUID, colour: str, reason: str, *, at: datetime
) -> Grade:
    """Decide against what the rules suggest, and why; it is not suggested again for a while.

    Refuses ``household.not_found``, ``grading.bad_colour``, ``grading.no_reason``,
    ``grading.too_long``.
    """
    household = get_household(actor, household_id, verb="grade.propose")
    if colour not in {Colour.YELLOW, Colour.RED}:
        raise Refusal("grading.bad_colour")
    grade = Grade.objects.create(
        household=household, colour=colour, state=State.DECLINED,
        reason=words_wanted(reason), proposed_by=actor.id, proposed_by_name=actor.name,
        proposed_at=at,
    )  # fmt: skip
    note(actor, "grade.decline", household, at=at, tell=False)
    return grade


@one_transaction
def end_grade(actor: Actor, household_id: UUID, reason: str, *, at: datetime) -> Grade:
    """Decide that help may end, and tell the household: it goes on until the notice is over,
    and as long as an appeal is open.

    Refuses ``household.not_found``, ``grading.nothing_to_end``, ``grading.noticed``,
    ``grading.no_reason``, ``grading.too_long``.
    """
    household = get_household(actor, household_id, verb="grade.propose")
    today = localdate(at)
    grade = Grade.objects.filter(helping(today), household=household).first()
    if grade is None:
        raise Refusal("grading.nothing_to_end")
    if grade.state != State.HELD:
        raise Refusal("grading.noticed")
    days = clocks(today)["notice_working_days"]
    grade.state, grade.end_reason = State.NOTICE, words_wanted(reason)
    grade.ended_by, grade.ended_by_name = actor.id, actor.name
    grade.noticed_on, grade.ends_on = today, state_calendar().add(today, days + 1)
    grade.save()
    note(actor, "grade.end", household, at=at)
    return grade
