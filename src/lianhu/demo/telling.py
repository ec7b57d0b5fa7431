"""Tells the past of one matter: its steps in order, who took each, and how it stands now.

Follows the same rules as `matters.actions`: the same stages, the same clock that stands still
while the reporter is asked, a verifier who is not the handler, a rating lost when reopened.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from lianhu.demo.marks import Marks, Sort
from lianhu.demo.officehours import DAY
from lianhu.demo.phrases import Speaker
from lianhu.kernel.workdays import state_calendar
from lianhu.matters.actions.load import StepRow
from lianhu.matters.kinds import clocks
from lianhu.matters.rules import MOVES, UNANSWERED, Stage, due_on

ZONE = ZoneInfo("Asia/Shanghai")
NOBODY = UUID(int=0)
URGED = "到期没有办完，系统提醒"
MOST_STEPS = 64  # identifiers of a matter's steps are numbered within it
PAST_MIDNIGHT = 1  # minutes, when the daily run has come to it


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who takes a step."""

    id: UUID
    name: str


VILLAGER, SYSTEM = Who(NOBODY, "村民"), Who(NOBODY, "系统")


@lru_cache(maxsize=20_000)
def last_day(received: date, clock: str) -> date:
    """The last day on time of a matter received that day."""
    return due_on(received, clock, clocks(received), state_calendar())


@dataclass(slots=True)
class Telling:
    """One matter while its past is told. `fields` are the columns that the steps fill."""

    number: int
    start: date
    clock: str
    office: str
    marks: Marks
    speaker: Speaker
    stage: Stage = Stage.REPORTED
    due: date = date.min
    handler: Who | None = None
    waiting_since: date | None = None
    last: int = 0  # minutes of the last step
    steps: list[StepRow] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)

    def moment(self, minutes: int) -> datetime:
        """A moment with seconds, which follow from the matter's number."""
        midnight = datetime.combine(self.start, time(0), ZONE)
        return midnight + timedelta(minutes=minutes, seconds=self.number * 37 % 60)

    def day(self, minutes: int) -> date:
        """The day of a moment."""
        return self.start + timedelta(days=minutes // DAY)

    def take(self, verb: str, minutes: int, who: Who, words: str = "") -> None:
        """One step, and what it changes."""
        self.last = minutes
        if verb == "report":
            self.due = last_day(self.day(minutes), self.clock)
        to = MOVES[verb][1] if verb in MOVES else None
        if to is not None:
            self.stage = to
        change = getattr(self, f"_{verb}", None)
        if change is not None:
            change(minutes, who, words)
        self.steps.append(
            StepRow(
                id=self.marks.uuid(Sort.STEP, self.number * MOST_STEPS + len(self.steps)),
                verb=verb,
                at=self.moment(minutes),
                actor_id=who.id,
                actor_name=who.name,
                office=self.office,
                words=words,
            )
        )

    def urge_before(self, minutes: int) -> None:
        """The reminder of the daily run, if the matter was late before that moment."""
        last_step = (self.last // DAY + 1) * DAY
        late = max((self.due - self.start).days * DAY + DAY, last_step) + PAST_MIDNIGHT
        known = self.fields.get("escalations", 0)
        if self.steps and self.stage in UNANSWERED and not known and late < minutes:
            self.take("escalate", late, SYSTEM, URGED)

    def _handle(self, minutes: int, who: Who, words: str) -> None:
        self.handler = who

    def _ask(self, minutes: int, who: Who, words: str) -> None:
        self.waiting_since = self.day(minutes)

    def _resume(self, minutes: int, who: Who, words: str) -> None:
        calendar, today = state_calendar(), self.day(minutes)
        stood = calendar.between(self.waiting_since or today, today)
        self.due = calendar.add(self.due, max(stood, 0))
        self.waiting_since = None

    def _answer(self, minutes: int, who: Who, words: str) -> None:
        self.handler = self.handler or who
        self.waiting_since = None
        self.fields |= {
            "answer": words,
            "answered_at": self.moment(minutes),
            "answered_by": who.name,
            "answerer_id": who.id,
        }

    def _close(self, minutes: int, who: Who, words: str) -> None:
        self.fields["closed_at"] = self.moment(minutes)

    def _escalate(self, minutes: int, who: Who, words: str) -> None:
        self.fields["escalations"] = self.fields.get("escalations", 0) + 1

    def _extend(self, minutes: int, who: Who, words: str) -> None:
        received = self.steps[0].at.date()
        self.due = max(self.due, last_day(received, "extended"))

    def _reopen(self, minutes: int, who: Who, words: str) -> None:
        for name in ("answer", "answered_at", "answered_by", "answerer_id", "closed_at",
                     "score", "score_words"):  # fmt: skip
            self.fields.pop(name, None)
        self.handler = None
        self.fields["reopenings"] = self.fields.get("reopenings", 0) + 1
        self.due = last_day(self.day(minutes), self.clock)
