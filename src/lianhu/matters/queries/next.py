"""What the actor may do next about a matter already in hand. No query."""

from dataclasses import dataclass
from datetime import date

from django.utils.timezone import localdate

from lianhu.kernel.actor import Actor
from lianhu.matters.kinds import clocks, get_kind
from lianhu.matters.models import Matter
from lianhu.matters.rules import PETITION, Stage, may
from lianhu.territory.queries import reaches

# The verb that each step asks for, in the order in which a page offers them.
VERBS = {
    "accept": "matter.accept",
    "dispatch": "matter.dispatch",
    "handle": "matter.handle",
    "ask": "matter.handle",
    "answer": "matter.handle",
    "verify": "matter.verify",
    "return": "matter.verify",
    "close": "matter.close",
    "add": "matter.add",
    "escalate": "matter.escalate",
    "extend": "matter.verify",
    "merge": "matter.merge",
    "reopen": "matter.read",
}
# What a matter waits for at each stage when it is this actor's turn, the likeliest first.
TURN: dict[Stage, tuple[str, ...]] = {
    Stage.REPORTED: ("accept", "dispatch"),
    Stage.ACCEPTED: ("dispatch", "handle"),
    Stage.DISPATCHED: ("handle", "answer"),
    Stage.HANDLING: ("answer",),
    Stage.WAITING: ("add",),
    Stage.ANSWERED: ("verify",),
    Stage.VERIFIED: ("close",),
}


@dataclass(frozen=True, slots=True)
class NextSteps:
    """`first` is the one step whose turn it is ("" for none), `others` all that may be too."""

    first: str
    others: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Every step that may be taken now."""
        return (self.first, *self.others) if self.first else self.others


def next_steps(actor: Actor, matter: Matter, *, today: date) -> NextSteps:
    """The steps that the actor's verbs, the stage and the separation of duties permit now."""
    stage = Stage(matter.stage)
    may_do = [
        step
        for step, verb in VERBS.items()
        if may(step, stage)
        and reaches(actor, matter, verb)
        and _fits(actor, matter, step, today)
    ]
    first = _first(actor, matter, may_do, today)
    return NextSteps(first, tuple(step for step in may_do if step != first))


def _fits(actor: Actor, matter: Matter, step: str, today: date) -> bool:
    """What a step asks for besides its verb and its stage."""
    if step in {"verify", "return"}:
        return actor.id not in {matter.handler_id, matter.answerer_id}
    if step == "extend":
        return actor.id != matter.handler_id and not _extended(matter)
    if step == "reopen":
        days = int(clocks(today)["reopen_days"])
        closed = matter.closed_at
        return closed is not None and (today - localdate(closed)).days <= days
    if step == "ask":
        return matter.reporter_id != actor.id
    return True


def _extended(matter: Matter) -> bool:
    """Whether the longest time was approved before; a first guess, the action decides."""
    petition = get_kind(matter.category).clock == PETITION
    received = localdate(matter.received_at)
    rules = clocks(received)
    least = int(rules["petition_days"] if petition else rules["extended"])
    return (matter.due_on - received).days > least


def _first(actor: Actor, matter: Matter, may_do: list[str], today: date) -> str:
    stage = Stage(matter.stage)
    at_hand = matter.office in actor.offices or matter.handler_id == actor.id
    checks = stage in {Stage.ANSWERED, Stage.VERIFIED}
    asked = stage == Stage.WAITING and matter.reporter_id == actor.id
    if (at_hand and stage != Stage.WAITING) or checks or asked:
        for step in TURN.get(stage, ()):
            if step in may_do:
                return step
    late = matter.is_open and matter.due_on < today
    return "escalate" if late and not at_hand and "escalate" in may_do else ""
