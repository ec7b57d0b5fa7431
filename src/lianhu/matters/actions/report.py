"""Report a matter, from a phone, the desk or the board; add to one; rate its answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from lianhu.accounts.queries.actors import NOBODY
from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.ids import follow_code
from lianhu.kernel.transactions import one_transaction
from lianhu.kernel.workdays import state_calendar
from lianhu.matters.actions.writing import clean, move, note, run_again, take
from lianhu.matters.kinds import clocks, get_kind, receiving_office, strictest
from lianhu.matters.models import Matter
from lianhu.matters.queries.one import get_matter, worked_on
from lianhu.matters.rules import Stage, due_on, may
from lianhu.people.queries import grid_of
from lianhu.territory.models import RowClass
from lianhu.territory.queries import get_place

COUNTY_LENGTH = 6


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody reports. `place` is where it is; `captured_at` is the device's own time."""

    place: str
    category: str
    words: str
    visibility: str = RowClass.ORDINARY
    household_id: UUID | None = None
    spot: str = ""
    about: str = ""
    accused_id: UUID | None = None
    lon: float | None = None
    lat: float | None = None
    captured_at: datetime | None = None
    source: str = "desk"
    contact_name: str = ""
    contact_phone: str = ""
    photos: tuple[str, ...] = ()
    origin_kind: str = ""
    origin_id: UUID | None = None


@one_transaction
def report_matter(
    actor: Actor, report: Report, *, at: datetime, matter_id: UUID | None = None
) -> Matter:
    """A new matter with its clock running, in the hands of the office that receives its kind.

    `matter_id` lets a letter name the row, so that the same letter can never make two. Refuses
    ``place.not_found`` (out of reach), ``household.not_found``, ``matter.unknown_category``,
    ``matter.no_words``, ``matter.words_too_long``. Queries: 6 to 9.
    """
    kind = get_kind(report.category)
    words = clean(report.words)
    place = _place_of(actor, report)
    row_class = strictest(report.visibility, kind)
    received = localdate(at)
    matter = Matter(
        place_id=place[:COUNTY_LENGTH] if row_class == RowClass.ABOUT_OFFICIAL else place,
        subject_place=place if row_class == RowClass.ABOUT_OFFICIAL else "",
        row_class=row_class,
        office=receiving_office(kind, row_class, place),
        ref=follow_code(),
        category=kind.code,
        top=kind.top,
        words=words,
        spot=report.spot[:200],
        about=report.about[:200],
        accused_id=report.accused_id,
        lon=report.lon,
        lat=report.lat,
        household_id=report.household_id,
        reporter_id=None if actor.id == NOBODY else actor.id,
        reporter_name=(report.contact_name or actor.name)[:50],
        source=report.source,
        captured_at=report.captured_at or at,
        received_at=at,
        due_on=_due(received, kind.clock),
        origin_kind=report.origin_kind,
        origin_id=report.origin_id,
    )
    if matter_id is not None:
        matter.id = matter_id
    matter.set_reporter_phone(report.contact_phone)
    note(actor, matter, "report", words, at=at, photos=report.photos, category=kind.code)
    return matter


def _place_of(actor: Actor, report: Report) -> str:
    """The place of the report within the actor's reach; a household's grid counts."""
    if report.household_id is not None:
        place = grid_of(actor, report.household_id)
        actor.require("matter.report", place, code="household.not_found")
        return place
    place = get_place(report.place).code
    actor.require("matter.report", place, code="place.not_found")
    return place


def _due(received: date, clock: str) -> date:
    return due_on(received, clock, clocks(received), state_calendar())


@one_transaction
def add_to_matter(
    actor: Actor,
    matter_id: UUID,
    words: str,
    *,
    at: datetime,
    photos: Iterable[str] = (),
    step_id: UUID | None = None,
) -> Matter:
    """Add words or photos. Where the reporter was asked for more, this sets the clock going
    again, later by the working days it stood still.

    Refuses ``matter.not_found``, ``matter.cannot_add``, ``matter.no_words``.
    """
    matter = take(actor, matter_id, "matter.add", "add")
    kept = clean(words, required=not photos)
    note(actor, matter, _add_step(matter, at), kept, at=at, photos=photos, step_id=step_id)
    return matter


@transaction.atomic
def add_by_code(actor: Actor, matter: Matter, words: str, *, at: datetime) -> Matter:
    """Add the reporter's own words, or their reply to what the office asked; whoever holds the
    code is the reporter (see `find_by_ref`). A reply sets the clock going again.

    Refuses ``matter.cannot_add``, ``matter.no_words``, ``matter.words_too_long``.
    """
    kept = clean(words)
    locked = Matter.objects.select_for_update().get(id=matter.id)
    if locked.accused_id == actor.id:
        raise NotPermitted("matter.not_found")
    if not may("add", Stage(locked.stage)):
        raise Refusal("matter.cannot_add", stage=locked.stage)
    note(actor, locked, _add_step(locked, at), kept, at=at)
    return locked


def _add_step(matter: Matter, at: datetime) -> str:
    """The step that adding is: "resume" where the clock stood still, which goes again."""
    if matter.stage != Stage.WAITING:
        return "add"
    run_again(matter, localdate(at))
    move(matter, "resume")
    return "resume"


@one_transaction
def rate_matter(
    actor: Actor,
    matter: Matter,
    score: int,
    words: str,
    *,
    at: datetime,
    by: UUID | None = None,
) -> Matter:
    """Rate an answer from 1 to 5, once; whoever holds the code may (see `find_by_ref`).

    Nobody rates what they handled, answered or verified themselves: not the actor, and not `by`,
    who is signed in where an unnamed resident rates.

    Refuses ``matter.bad_score``, ``matter.cannot_rate``, ``matter.rated_already``,
    ``matter.rates_own_work``.
    """
    if not 1 <= score <= 5:
        raise Refusal("matter.bad_score")
    locked = Matter.objects.select_for_update().get(id=matter.id)
    if locked.accused_id == actor.id:
        raise NotPermitted("matter.not_found")
    if Stage(locked.stage) not in {Stage.ANSWERED, Stage.VERIFIED, Stage.CLOSED}:
        raise Refusal("matter.cannot_rate", stage=locked.stage)
    if locked.score is not None:
        raise Refusal("matter.rated_already")
    if worked_on(locked, [actor.id, by or actor.id]):
        raise Refusal("matter.rates_own_work")
    locked.score, locked.score_words = score, clean(words, required=False)
    note(actor, locked, "rate", locked.score_words, at=at, score=score)
    return locked


@transaction.atomic
def reveal_reporter_phone(actor: Actor, matter_id: UUID, purpose: str, *, at: datetime) -> str:
    """The phone that whoever reported left, in clear, for the page to show for 30 seconds.

    Every reveal is in the ledger with its purpose. Refuses ``matter.not_found``,
    ``account.not_permitted``, ``reveal.no_purpose``.
    """
    matter = get_matter(actor, matter_id)
    actor.require("person.reveal", matter.place_id)
    if purpose not in read("purposes.toml")["reveal"]:
        raise Refusal("reveal.no_purpose")
    record(
        actor, "person.reveal", "matter", matter.id, matter.place_id, at=at, quiet=True,
        row_class=matter.row_class, field="reporter_phone", purpose=purpose,
    )  # fmt: skip
    return matter.reporter_phone
