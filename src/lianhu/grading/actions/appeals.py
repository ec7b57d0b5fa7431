"""A household appeals; somebody who took no part decides, and help goes on until then."""

from datetime import datetime
from uuid import UUID

from django.utils.timezone import localdate

from lianhu.grading.actions.decide import agree, note, put_in_force, words_wanted
from lianhu.grading.models import Appeal, Grade
from lianhu.grading.queries.colours import helping
from lianhu.grading.queries.waiting import appeals_to_decide, get_appeal
from lianhu.grading.rules.colours import (
    ORDER,
    Colour,
    State,
    clocks,
    months_after,
    needs_two,
)
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.kernel.transactions import one_transaction
from lianhu.kernel.workdays import state_calendar
from lianhu.people.models import Household

LONGEST = 1000


@one_transaction
def appeal_grade(actor: Actor, household_id: UUID, words: str, *, at: datetime) -> Appeal:
    """The household objects to its colour or to the end of help.

    The door has made sure that the actor speaks for the household. Refuses
    ``household.not_found``, ``grading.appeal_open``, ``grading.no_reason``,
    ``grading.too_long``.
    """
    household = Household.objects.filter(id=household_id, ended_on=None).first()
    if household is None:
        raise Refusal("household.not_found")
    if Appeal.objects.filter(household=household, decided_at=None).exists():
        raise Refusal("grading.appeal_open")
    words = words_wanted(words, LONGEST)
    today = localdate(at)
    grade = Grade.objects.filter(helping(today), household=household).first()
    days = clocks(today)["appeal_working_days"]
    appeal = Appeal.objects.create(
        household=household, grade=grade, words=words, made_by_name=actor.name, made_at=at,
        due_on=state_calendar().add(today, days),
    )  # fmt: skip
    if grade is not None:
        grade.state = State.APPEALED
        grade.save(update_fields=["state"])
    note(actor, "grade.appeal", household, at=at)
    return appeal


@one_transaction
def decide_appeal(
    actor: Actor, appeal_id: UUID, answer: str, *, upheld: bool, at: datetime, colour: str = ""
) -> Appeal:
    """Decide an appeal, with words for the household.

    Upheld against the end of help: help goes on. Upheld with a `colour` that owes more: that is
    decided, red waits for a second person unless it waited already. Not upheld: what was told
    before takes its course.
    Refuses ``grading.appeal_not_found``, ``grading.appeal_decided``, ``grading.appeal_own``,
    ``grading.bad_colour``, ``grading.no_reason``, ``grading.too_long``.
    """
    appeal = get_appeal(actor, appeal_id)
    if appeal.decided_at is not None:
        raise Refusal("grading.appeal_decided")
    if not appeals_to_decide(actor).filter(id=appeal.id).exists():
        raise Refusal("grading.appeal_own")
    if colour not in {"", Colour.YELLOW, Colour.RED}:
        raise Refusal("grading.bad_colour")
    appeal.upheld, appeal.answer = upheld, words_wanted(answer, LONGEST)
    appeal.decided_at, appeal.decided_by = at, actor.id
    appeal.decided_by_name = actor.name
    appeal.save()
    if appeal.grade is not None and appeal.grade.state == State.APPEALED:
        _go_on(appeal.grade, at, upheld=upheld)
    if upheld and colour:
        _grant(actor, appeal, Colour(colour), at)
    note(actor, "grade.decide_appeal", appeal.household, at=at)
    return appeal


def _go_on(grade: Grade, at: datetime, *, upheld: bool) -> None:
    """Let a decision go on after its appeal."""
    today = localdate(at)
    if upheld or grade.ends_on is None:
        grade.state, grade.ends_on, grade.noticed_on = State.HELD, None, None
        if upheld and grade.lapses_on is not None and grade.lapses_on <= today:
            grade.lapses_on = months_after(today, clocks(today)["lapse_months"])
    else:
        grade.state = State.NOTICE
        # Not overnight: the household first reads the answer.
        grade.ends_on = max(grade.ends_on, state_calendar().add(today, 1))
    grade.save()


def _grant(actor: Actor, appeal: Appeal, colour: Colour, at: datetime) -> None:
    """Decide for more help than now; where it is no more, nothing is left to decide.

    Yellow holds from today, beside a red that waits: it stays if that is refused and is replaced
    if it is confirmed. A red that waits has its two by this: who proposed it, and who decides
    here, who took no part.
    """
    today = localdate(at)
    rows = Grade.objects.filter(household=appeal.household)
    now = rows.filter(helping(today)).first()
    if now is not None and ORDER[Colour(now.colour)] >= ORDER[colour]:
        return
    waiting = rows.filter(state=State.WAITING).first()
    if waiting is not None and waiting.colour == colour:
        agree(actor, waiting, at)
        return
    grade = Grade(
        household=appeal.household, colour=colour, state=State.WAITING,
        reason=appeal.answer[:500], rules="按申诉的决定", proposed_by=actor.id,
        proposed_by_name=actor.name, proposed_at=at,
    )  # fmt: skip
    if not needs_two(colour):
        put_in_force(grade, today)
    grade.save(force_insert=True)
