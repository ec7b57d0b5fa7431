"""What each kind of letter does: it calls the same action that the desk calls."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import Refusal
from lianhu.matters.actions.report import Report, add_to_matter, rate_matter, report_matter
from lianhu.matters.queries.one import find_by_ref, get_matter
from lianhu.people.actions.proposals import Proposed, propose_change
from lianhu.visits.actions import record_visit

Body = dict[str, Any]
# actor, letter id, place, body, photos, captured_at, at -> the code to follow it by, or ""
Handler = Callable[[Actor, UUID, str, Body, tuple[str, ...], datetime, datetime], str]


def _report(
    actor: Actor, letter: UUID, place: str, body: Body, photos: tuple[str, ...],
    captured_at: datetime, at: datetime,
) -> str:  # fmt: skip
    point = body.get("point", {})
    report = Report(
        place=place,
        category=body["category"],
        words=body["words"],
        visibility=body["visibility"],
        household_id=UUID(body["household_id"]) if "household_id" in body else None,
        spot=body.get("spot", ""),
        about=body.get("about", ""),
        lon=point.get("lon"),
        lat=point.get("lat"),
        captured_at=captured_at,
        source="phone",
        photos=photos,
        origin_kind="letter",
        origin_id=letter,
    )
    return report_matter(actor, report, at=at, matter_id=letter).ref


def _visit(
    actor: Actor, letter: UUID, place: str, body: Body, photos: tuple[str, ...],
    captured_at: datetime, at: datetime,
) -> str:  # fmt: skip
    household = UUID(body["household_id"])
    need = body.get("need")
    report = None
    if need:
        report = Report(
            place=place, category=need["category"], words=need["words"],
            visibility=need["visibility"], household_id=household, captured_at=captured_at,
            source="phone", photos=photos, origin_kind="visit", origin_id=letter,
        )  # fmt: skip
    try:
        on = date.fromisoformat(body["on"])
    except ValueError as error:
        raise Refusal("letter.bad_body", field="data.body.on") from error
    _, matter = record_visit(
        actor, household, on, body["duties"], body.get("words", ""), at=at, need=report,
        visit_id=letter,
    )  # fmt: skip
    return matter.ref if matter else ""


def _add(
    actor: Actor, letter: UUID, place: str, body: Body, photos: tuple[str, ...],
    captured_at: datetime, at: datetime,
) -> str:  # fmt: skip
    matter_id = UUID(body["matter_id"])
    return add_to_matter(
        actor, matter_id, body["words"], at=at, photos=photos, step_id=letter
    ).ref


def _rate(
    actor: Actor, letter: UUID, place: str, body: Body, photos: tuple[str, ...],
    captured_at: datetime, at: datetime,
) -> str:  # fmt: skip
    found = find_by_ref(body["ref"])
    # A line person rates for a resident only what he may read; the code alone is the resident's.
    matter = get_matter(actor, found.id)
    return rate_matter(actor, matter, body["score"], body.get("words", ""), at=at).ref


def _propose(
    actor: Actor, letter: UUID, place: str, body: Body, photos: tuple[str, ...],
    captured_at: datetime, at: datetime,
) -> str:  # fmt: skip
    person = UUID(body["person_id"]) if "person_id" in body else None
    rest = {key: body[key] for key in body if key not in {"household_id", "person_id"}}
    said = Proposed(person_id=person, **rest)
    propose_change(actor, UUID(body["household_id"]), said, at=at, proposal_id=letter)
    return ""


HANDLERS: dict[str, Handler] = {
    "matter.report/1": _report,
    "matter.add/1": _add,
    "matter.rate/1": _rate,
    "visit.record/1": _visit,
    "person.propose/1": _propose,
}
