"""The colour in force of households, for those who care for them and for the household itself."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from lianhu.grading.models import Appeal, Grade
from lianhu.grading.rules.colours import (
    CARRIED,
    GREEN_WHY,
    HELPING,
    SHAPES,
    STATE_WORDS,
    WORDS,
    Colour,
    State,
)
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.people.models import Household
from lianhu.territory.queries import reach


@dataclass(frozen=True, slots=True)
class GradeShown:
    """A colour with shape, word and reason, as it is shown."""

    colour: Colour
    why: str
    since: date | None = None
    until: date | None = None
    carried_on: date | None = None  # from another household, by a split or a merge

    @property
    def carried(self) -> str:
        """That it was decided for another household, in words; "" for one's own."""
        return CARRIED if self.carried_on else ""

    @property
    def word(self) -> str:
        """放心户, 关心户, 连心户."""
        return WORDS[self.colour]

    @property
    def shape(self) -> str:
        """● ▲ ■: colour is never the only signal."""
        return SHAPES[self.colour]


GREEN = GradeShown(Colour.GREEN, GREEN_WHY)


def helping(on: date) -> Q:
    """Decisions in force on a day: a lapse does not reach a household whose appeal is open."""
    return Q(state__in=HELPING, starts_on__lte=on) & (
        Q(lapses_on__gt=on) | Q(state=State.APPEALED)
    )


def grades_in_reach(actor: Actor, verb: str) -> QuerySet[Grade]:
    """Decisions about households in reach, wherever those moved since."""
    homes = reach(Household.objects, actor, verb)
    return Grade.objects.filter(household__in=homes)  # scoped by reach() above


def colours_of_grids(actor: Actor, grids: Collection[str], *, on: date) -> dict[UUID, Colour]:
    """The colours of the households of grids that are yellow or red on a day; every other
    household there is green. Only of grids where the actor holds ``grade.read``. One query."""
    rows = _of_grids(actor, grids, on).values_list("household_id", "colour")
    return {home: Colour(colour) for home, colour in rows}


def grades_of_grids(
    actor: Actor, grids: Collection[str], *, on: date
) -> dict[UUID, GradeShown]:
    """As `colours_of_grids`, with the reason. One query."""
    rows = _of_grids(actor, grids, on)
    return {row.household_id: shown(row) for row in rows}


def _of_grids(actor: Actor, grids: Collection[str], on: date) -> QuerySet[Grade]:
    homes = reach(Household.objects, actor, "grade.read").filter(place_id__in=grids)
    return Grade.objects.filter(helping(on), household__in=homes)  # scoped by reach() above


def shown(row: Grade) -> GradeShown:
    """A decision in force as it is shown."""
    return GradeShown(
        Colour(row.colour), row.reason, row.starts_on, row.ends_on or row.lapses_on,
        row.carried_on,
    )  # fmt: skip


def grade_of(actor: Actor, household_id: UUID, *, on: date) -> GradeShown | None:
    """The colour of one household for somebody who cares for it; None for everybody else."""
    home = reach(Household.objects, actor, "grade.read").filter(id=household_id)
    if not home.exists():
        return None
    row = Grade.objects.filter(helping(on), household__in=home).first()  # scoped by reach()
    return shown(row) if row else GREEN


@dataclass(frozen=True, slots=True)
class OwnGrade:
    """All that a household is told of its colour."""

    now: GradeShown
    evidence: tuple[dict[str, object], ...]
    rules: str
    decided_by: tuple[str, ...]
    state: str
    ends_on: date | None
    end_reason: str
    appeal: Appeal | None
    past: tuple[Grade, ...]
    may_appeal: bool


def own_grade(household_id: UUID, *, on: date) -> OwnGrade:
    """What a household's own page shows: colour, criterion, evidence, who decided, appeal.

    The door must have made sure that whoever asks belongs to the household.
    """
    # open to all: asked only for the household's own page, after its one-time code.
    rows = list(Grade.objects.filter(household_id=household_id).order_by("-proposed_at", "-id"))
    # open to all: as above.
    appeal = Appeal.objects.filter(household_id=household_id).order_by("-made_at").first()
    now = next((r for r in rows if _holds(r, on)), None)
    past = [r for r in rows if r.starts_on and r is not now]
    return OwnGrade(
        now=shown(now) if now else GREEN,
        evidence=tuple(now.evidence) if now else (),
        rules=now.rules if now else "",
        decided_by=_deciders(now) if now else (),
        state=STATE_WORDS[State(now.state)] if now else "",
        ends_on=now.ends_on if now else None,
        end_reason=now.end_reason if now else "",
        appeal=appeal,
        past=tuple(past),
        may_appeal=appeal is None or appeal.decided_at is not None,
    )


def _holds(row: Grade, on: date) -> bool:
    """`helping` for a row in hand."""
    if row.state not in HELPING or row.starts_on is None or row.starts_on > on:
        return False
    return row.state == State.APPEALED or (row.lapses_on is not None and row.lapses_on > on)


def _deciders(row: Grade) -> tuple[str, ...]:
    names = (row.proposed_by_name, row.confirmed_by_name)
    return tuple(dict.fromkeys(name for name in names if name))


def history_of(actor: Actor, household_id: UUID) -> list[Grade]:
    """Every decision about one household, latest first, for those who care for it, and for who
    confirms or decides an appeal while it waits for them; refuses ``household.not_found``."""
    for verb in ("grade.read", "grade.confirm", "grade.appeal"):
        home = reach(Household.objects, actor, verb).filter(id=household_id)
        rows = list(
            Grade.objects.filter(household__in=home)  # scoped by reach() above
            .select_related("household")
            .order_by("-proposed_at", "-id")
        )
        if verb == "grade.read" and home.exists():
            return rows
        if verb == "grade.confirm" and any(r.state == State.WAITING for r in rows):
            return rows
        # scoped by reach() above
        if (
            verb == "grade.appeal"
            and Appeal.objects.filter(household__in=home, decided_at=None).exists()
        ):
            return rows
    raise NotPermitted("household.not_found")
