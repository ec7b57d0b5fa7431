"""What the holder of a follow code may know of a matter: nothing that names a person."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from lianhu.matters.kinds import clocks, office_name
from lianhu.matters.models import Matter
from lianhu.matters.queries.one import PublicStep, find_by_ref, original_of, public_steps
from lianhu.matters.rules import UNANSWERED, Stage, may
from lianhu.territory.models import RowClass
from lianhu.territory.queries import place_names

VILLAGE_LENGTH = 12
RATEABLE = frozenset({Stage.ANSWERED, Stage.VERIFIED, Stage.CLOSED})


@dataclass(frozen=True, slots=True)
class PublicMatter:
    """A matter as its reporter follows it. `category`, `place` and `office` are empty for a
    confidential one: whoever finds the slip of paper with its code shall not learn what it is."""

    ref: str
    confidential: bool
    category: str
    place: str
    office: str
    stage: str
    received_at: datetime
    due_on: date
    unanswered: bool
    asked: str
    answer: str
    answered_at: datetime | None
    score: int | None
    is_copy: bool
    may_add: bool
    may_rate: bool
    reopen_until: date | None
    steps: list[PublicStep]


def read_public(ref: str, *, at: datetime) -> PublicMatter:
    """What the code's holder sees; a copy tells how its original fares, but of the original's
    steps nothing: they may hold what others said. Refuses ``matter.not_found``. Queries: 3 to 5.
    """
    own = find_by_ref(ref)
    matter = original_of(own)
    copy = matter.id != own.id
    stage = Stage(matter.stage)
    confidential = own.row_class != RowClass.ORDINARY
    steps = public_steps(own)
    asked = [s.words for s in steps if s.verb == "ask"] if stage == Stage.WAITING else []
    return PublicMatter(
        ref=own.ref,
        confidential=confidential,
        category="" if confidential else own.category,
        place="" if confidential else _place(own),
        office="" if confidential else _office(matter),
        stage=stage,
        received_at=own.received_at,
        due_on=matter.due_on,
        unanswered=stage in UNANSWERED,
        asked=asked[-1] if asked and not copy else "",
        answer=matter.answer,
        answered_at=matter.answered_at,
        score=own.score,
        is_copy=copy,
        may_add=not copy and may("add", stage) and stage in UNANSWERED,
        may_rate=not copy and stage in RATEABLE and own.score is None,
        reopen_until=None if copy else _reopen_until(own, at),
        steps=[_without_office(s) for s in steps] if confidential else steps,
    )


def _without_office(step: PublicStep) -> PublicStep:
    return PublicStep(step.verb, step.at, "", step.words)


def _place(matter: Matter) -> str:
    """The village's or wider place's name; groups and grids are not told."""
    code = matter.place_id[:VILLAGE_LENGTH]
    return place_names([code]).get(code, "")


def _office(matter: Matter) -> str:
    code = matter.office.partition(":")[0]
    return office_name(matter.office, place_names([code]))


def _reopen_until(matter: Matter, at: datetime) -> date | None:
    """The last day on which the reporter may ask to take a closed matter up again."""
    if matter.stage != Stage.CLOSED or matter.closed_at is None:
        return None
    window = timedelta(days=clocks(localdate(at))["reopen_days"])
    return localdate(matter.closed_at + window) if at - matter.closed_at <= window else None


def made_by_form(matter_id: UUID, words: str) -> str | None:
    """The code of the matter that a form with this id already made with these words.

    "" when it made another one; None when it made none.
    """
    # open to all: the door signed the id when it gave out the form.
    matter = Matter.objects.filter(id=matter_id).only("id", "ref", "words").first()
    if matter is None:
        return None
    return matter.ref if matter.words == words.strip() else ""
