"""Rows in the shape in which a phone holds them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate, localtime

from lianhu.grading.queries.colours import GREEN, GradeShown
from lianhu.kernel.actor import Actor
from lianhu.matters.kinds import office_name
from lianhu.matters.rules import Stage
from lianhu.people.queries.history import proposal_words
from lianhu.people.rules import RELATION_WORDS, SEX_WORDS, Sex, is_minor
from lianhu.territory.rules import resource_kinds

Shape = dict[str, Any]


def moment(at: datetime) -> str:
    """A moment with its offset, to the second."""
    return localtime(at).isoformat(timespec="seconds")


def household(row: Any, members: list[Any], visits: list[Any], said: list[Any]) -> Shape:
    """A household with its members: whole names, no ID number, a phone only to dial; and the
    latest visits, of whoever went."""
    return {
        "id": str(row.id),
        "code": row.code,
        "head": row.head_name,
        "initials": row.head_initials,
        "address": row.address,
        "members": [_member(m) for m in members],
        "proposals": [proposal(p) for p in said],
        "last_visit": visit(visits[0]) if visits else None,
        "visits": [visit(v) | {"duties": v.duties} for v in visits],
    }


def visit(row: Any) -> Shape:
    """A visit that was made."""
    return {"on": row.on.isoformat(), "by": row.visitor_name, "words": row.words}


def settled(one: Any) -> Shape:
    """What became of a letter that waited; who looked at it is no matter of the phone."""
    return {
        "id": str(one.id), "taken": one.taken, "words": one.words, "at": moment(one.at),
    }  # fmt: skip


def resource(row: Any) -> Shape:
    """Something that is there for the people of a grid; a number only to dial."""
    kind = resource_kinds().get(row.kind)
    return {
        "id": str(row.id),
        "sort": kind.sort if kind else "facility",
        "kind": kind.name if kind else "",
        "name": row.name,
        "words": row.words,
        "phone": row.phone or None,
        "place": row.place_id,
    }


def due(row: Any) -> Shape:
    """A visit that is planned: on which day, until when, and how often one goes there."""
    return {
        "household_id": str(row.household_id),
        "plan_on": row.plan_on.isoformat(),
        "due_on": row.due_on.isoformat(),
        "why": row.why,
    }


def grade(shown: GradeShown | None) -> Shape:
    """How much help a household is owed and why, for those who care for it."""
    shown = shown or GREEN
    return {"grade": shown.colour.value, "grade_why": shown.why}


def grade_notices(
    homes: list[Any], grades: dict[UUID, GradeShown], *, since: date
) -> list[Shape]:
    """That households were lately given a colour that owes more help."""
    return [
        {
            "id": f"grade-{home.id}-{shown.since.isoformat()}",
            "title": f"{home.head_name}家现在是{shown.word}",
            "words": shown.why,
            "on": shown.since.isoformat(),
        }
        for home in homes
        if (shown := grades.get(home.id)) and shown.since and shown.since > since
    ]


def proposal(row: Any) -> Shape:
    """What a phone said of a household, and what became of it."""
    return {
        "id": str(row.id),
        "what": row.what,
        "words": proposal_words(row),
        "person_id": str(row.person_id) if row.person_id else None,
        "at": moment(row.at),
        "by": row.proposer_name,
        "state": row.state,
        "reply": row.reply,
    }


def _member(row: Any) -> Shape:
    shape = {
        "id": str(row.id),
        "name": row.name,
        "relation": RELATION_WORDS.get(row.relation, ""),
        "sex": SEX_WORDS[Sex(row.sex)] if row.sex else "",
        "birth_year": row.born_on.year if row.born_on else int(row.born_month[:4] or 0) or None,
        "residence": row.residence,
        "version": row.version,
    }
    if row.away_to:
        shape["away_to"] = row.away_to
    # A minor's number is shown to nobody without another's word (catalogue/minors.toml), that of who
    # asked for it in an emergency only: that there is one is told, or it would be asked for again.
    if phone := row.phone:
        if row.restricted_on or is_minor(row.latest_birth, localdate()):
            shape["phone_hidden"] = True
        else:
            shape["phone"] = phone
    return shape


def matter(
    row: Any, names: dict[str, str], *, me: UUID | None = None, code: bool = True
) -> Shape:
    """A matter with its steps; `me` marks what is mine (never in a shared parcel), `code` says
    whether its follow code may be told."""
    steps = sorted(row.steps.all(), key=lambda s: s.number)
    asked = [s for s in steps if s.verb == "ask"]
    waiting = row.stage == Stage.WAITING
    told = row.duplicate_of or row  # a copy's reporter hears what the original was answered
    return {
        "id": str(row.id),
        "ref": row.ref if code else "",
        "category": row.category,
        "words": row.words,
        "stage": row.stage,
        "visibility": row.row_class,
        "household_id": str(row.household_id) if row.household_id else None,
        "place": row.subject_place or row.place_id,
        "reported_at": moment(row.captured_at),
        "reporter": row.reporter_name,
        "mine": me is not None and row.reporter_id == me,
        "office": row.office,
        "office_name": office_name(row.office, names),
        "due_on": row.due_on.isoformat(),
        "answer": {
            "words": told.answer,
            "at": moment(told.answered_at),
            "by": told.answered_by,
        }
        if told.answered_at
        else None,
        "ask": {
            "words": asked[-1].words,
            "at": moment(asked[-1].at),
            "by": asked[-1].actor_name,
        }
        if waiting and asked
        else None,
        "waiting_on_me": me is not None and waiting and row.reporter_id == me,
        "rating": {"score": row.score, "words": row.score_words} if row.score else None,
        "steps": [
            {"verb": s.verb, "at": moment(s.at), "by": s.actor_name, "words": _told(s)}
            for s in steps
        ],
    }


def _told(step: Any) -> str:
    """A step's words; the report's own are the matter's and need not travel twice."""
    return "" if step.verb in {"report", "answer"} else str(step.words)


def person(actor: Actor, labels: dict[str, str]) -> Shape:
    """Who this phone belongs to."""
    return {"name": actor.name, "roles": [labels[role] for role in actor.roles]}
