"""What goes with the people when households split or merge: facts, decisions, care.

Nobody decides anything here: a decision keeps its colour, its term, its reason and who made it.
Where two meet, the one that owes more holds; the other rests behind it and holds again for what is
left of its own term. Callers have made sure of the households.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import Q
from django.utils.timezone import localdate

from lianhu.grading.actions.care import note_care
from lianhu.grading.actions.decide import note
from lianhu.grading.models import Appeal, CareEpisode, Fact, Grade
from lianhu.grading.queries.colours import helping
from lianhu.grading.rules.colours import HELPING, ORDER, Colour, State
from lianhu.grading.rules.table import fact_kinds
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.kernel.ids import uuid7
from lianhu.people.models import Household

SAME_FACT = ("kind", "value", "since", "until", "source")
ONE_RECORDING = (*SAME_FACT, "recorded_by", "recorded_at")
DAY = timedelta(days=1)
Row = TypeVar("Row", Fact, Grade)


def check_settled(homes: Collection[UUID]) -> None:
    """Refuse ``grading.under_way`` while a decision of one of these households waits for a second
    person, or an appeal is open: both are about the household as it is."""
    waiting = Grade.objects.filter(household__in=homes, state=State.WAITING)
    appeals = Appeal.objects.filter(household__in=homes, decided_at=None)
    if waiting.exists() or appeals.exists():
        raise Refusal("grading.under_way")


def in_force(home: UUID, on: date) -> list[Grade]:
    """The decisions that hold for a household on a day, or rest behind one that does."""
    resting = Q(state=State.RESTING, lapses_on__gt=on)
    return list(Grade.objects.filter(helping(on) | resting, household_id=home).order_by("id"))


def _running(on: date) -> Q:
    return Q(until=None) | Q(until__gte=on)


def _of(person: UUID | None) -> Q:
    """Facts of one person, or of the household as such."""
    return Q(person=None) if person is None else Q(person_id=person)


def share(home: Household, new: Household, going: Iterable[UUID], on: date) -> bool:
    """Let who leaves a household keep what it was owed: the facts of those persons go with them,
    those of the household and its decisions hold for both; whether there were any decisions."""
    Fact.objects.filter(person__in=list(going)).update(household=new)
    copy_facts(home.id, new.id, on=on)
    grades = in_force(home.id, on)
    for grade in grades:
        _copy(grade, household_id=new.id, carried_on=on).save(force_insert=True)
    return bool(grades)


def gather(actor: Actor, home: Household, gone: Household, *, at: datetime) -> bool:
    """Let a household be owed all that another one was, which ended by joining it; whether there
    were any decisions. What held there before stays to be read."""
    on = localdate(at)
    Fact.objects.filter(household=gone, person__household=home).update(household=home)
    copy_facts(gone.id, home.id, on=on)
    theirs = in_force(gone.id, on)
    if not theirs:
        return False
    _end_what_is_over(actor, home, at)
    came = [_copy(grade, household_id=home.id, carried_on=on) for grade in theirs]
    # Their last days stay, so that `revive` knows them.
    Grade.objects.filter(id__in=[grade.id for grade in theirs]).update(state=State.REPLACED)
    ours = in_force(home.id, on)
    lead = max((*ours, *came), key=_weight)
    for grade in ours:
        if grade is not lead:
            _put_behind(grade, lead, on)
            grade.save(update_fields=["state", "ends_on"])
    for grade in came:
        if grade is not lead:
            _put_behind(grade, lead, on)
            if grade.state == State.RESTING:
                grade.save(force_insert=True)
    lead.state = _awake(lead)
    lead.save(force_insert=lead in came)
    return True


def revive(home: Household, on: date) -> bool:
    """Let what a household was owed when it joined another one hold again for what is left of its
    terms, as it lives again; whether there was any."""
    rows = Grade.objects.filter(household=home, state=State.REPLACED)
    left = sorted((g for g in rows if g.lapses_on and _last(g) > on), key=_weight)
    for grade in left:
        grade.state = _awake(grade) if grade is left[-1] else State.RESTING
        grade.save(update_fields=["state"])
    return bool(left)


def _put_behind(grade: Grade, lead: Grade, on: date) -> None:
    """Let a decision rest where something is left of it when the one before it ends, early or
    not; else that one takes its place."""
    less = ORDER[Colour(grade.colour)] < ORDER[Colour(lead.colour)]
    if less or _last(grade) > _last(lead):
        grade.state = State.RESTING
    else:
        grade.state, grade.ends_on = State.REPLACED, on


def _last(grade: Grade) -> date:
    """The first day on which a decision holds no longer."""
    return min(day for day in (grade.ends_on, grade.lapses_on, date.max) if day)


def _weight(grade: Grade) -> tuple[int, bool, date]:
    """More help before less, what nobody decided to end before what was told, then the longer
    term."""
    return ORDER[Colour(grade.colour)], grade.ends_on is None, _last(grade)


def _awake(grade: Grade) -> State:
    """The state of a decision that rested: as it was before."""
    if grade.state not in {State.RESTING, State.REPLACED}:
        return State(grade.state)
    return State.NOTICE if grade.ends_on else State.HELD


def _end_what_is_over(actor: Actor, home: Household, at: datetime) -> None:
    """What came to its end, and the daily run has not come by yet, leaves its room."""
    on = localdate(at)
    for grade in Grade.objects.filter(household=home, state__in=(State.HELD, State.NOTICE)):
        if _last(grade) <= on:
            told = grade.ends_on is not None and grade.ends_on <= on
            grade.state = State.ENDED if told else State.LAPSED
            grade.save(update_fields=["state"])
            note(actor, "grade.ended" if told else "grade.lapsed", home, at=at)


def wake_resting(homes: Collection[UUID], on: date) -> None:
    """Where help came to its end, let what rested behind it hold for what is left of its term."""
    for home in homes:
        rows = Grade.objects.filter(household_id=home)
        if rows.filter(state__in=HELPING).exists():
            continue
        left = [g for g in rows.filter(state=State.RESTING) if _last(g) > on]
        if left:
            best = max(left, key=_weight)
            best.state = _awake(best)
            best.save(update_fields=["state"])


def copy_facts(
    home: UUID, to: UUID, *, on: date, person: UUID | None = None, whose: UUID | None = None
) -> bool:
    """Record what holds of a household (or of `person` of it) of another one too (there of
    `whose`), with its source and who recorded it, unless it is recorded there; whether there was
    any."""
    theirs = list(Fact.objects.filter(_of(whose), household_id=to))
    known = {tuple(getattr(fact, name) for name in SAME_FACT) for fact in theirs}
    rows = Fact.objects.filter(_running(on), _of(person), household_id=home)
    fresh = [
        _copy(fact, household_id=to, person_id=whose)
        for fact in rows.order_by("since", "id")
        if tuple(getattr(fact, name) for name in SAME_FACT) not in known
    ]
    for fact in fresh:
        if not fact.value or _is_greater_need(fact, theirs, on):
            fact.save(force_insert=True)
    return bool(fresh)


def _is_greater_need(fact: Fact, theirs: Iterable[Fact], on: date) -> bool:
    """Whether a band tells of a greater need than the one that runs, which ends by it: of two
    only that runs on, until a person records what is true of them together."""
    bands = list(fact_kinds()[fact.kind]["words"])  # the greatest need first
    for other in theirs:
        if other.kind == fact.kind and (other.until is None or other.until >= on):
            if bands.index(other.value) <= bands.index(fact.value):
                return False
            other.until = on - DAY
            other.save(update_fields=["until"])
    return True


def drop_copies(keep: UUID, other: UUID) -> None:
    """Take out what was recorded of one person and came to another one by mistake."""
    copied = set(Fact.objects.filter(_of(other)).values_list(*ONE_RECORDING))
    rows = Fact.objects.filter(_of(keep)).values_list("id", *ONE_RECORDING)
    Fact.objects.filter(id__in=[row[0] for row in rows if row[1:] in copied]).delete()


def follow_care(actor: Actor, gone: Household, home: Household, *, at: datetime) -> None:
    """Care episodes of a household that ended by joining another one go along; the same two
    persons read them, as long as that household is theirs to care for."""
    for episode in CareEpisode.objects.filter(household=gone):
        episode.household = home
        episode.save(update_fields=["household"])
        note_care(actor, episode, at)


def _copy(row: Row, **changed: object) -> Row:
    values = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}
    return type(row)(**(values | {"id": uuid7()} | changed))
