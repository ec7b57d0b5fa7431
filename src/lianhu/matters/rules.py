"""What may happen to a matter, and when it is late. Pure: no database, no clock."""

from datetime import date, timedelta
from enum import StrEnum

from lianhu.kernel.workdays import Calendar


class Stage(StrEnum):
    """Where a matter stands."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    WAITING = "waiting"
    ANSWERED = "answered"
    VERIFIED = "verified"
    CLOSED = "closed"
    MERGED = "merged"


STAGE_WORDS = {
    Stage.REPORTED: "等受理",
    Stage.ACCEPTED: "已受理，等分派",
    Stage.DISPATCHED: "已分派，等办理",
    Stage.HANDLING: "办理中",
    Stage.WAITING: "等补充说明",
    Stage.ANSWERED: "已答复，等核实",
    Stage.VERIFIED: "已核实，等办结",
    Stage.CLOSED: "已办结",
    Stage.MERGED: "已并入同一件事",
}
ENDED = frozenset({Stage.CLOSED, Stage.MERGED})
IN_WORK = frozenset({Stage.ACCEPTED, Stage.DISPATCHED, Stage.HANDLING})
RUNNING = IN_WORK | {Stage.REPORTED}  # the clock runs
UNANSWERED = RUNNING | {Stage.WAITING}

# From which stages each step may be taken, and where it leads; None: the stage stays.
MOVES: dict[str, tuple[frozenset[Stage], Stage | None]] = {
    "accept": (frozenset({Stage.REPORTED}), Stage.ACCEPTED),
    "dispatch": (IN_WORK | {Stage.REPORTED}, Stage.DISPATCHED),
    "handle": (IN_WORK, Stage.HANDLING),
    "ask": (IN_WORK, Stage.WAITING),
    "add": (UNANSWERED | {Stage.ANSWERED}, None),
    "resume": (frozenset({Stage.WAITING}), Stage.HANDLING),
    "answer": (IN_WORK | {Stage.WAITING}, Stage.ANSWERED),
    "verify": (frozenset({Stage.ANSWERED}), Stage.VERIFIED),
    "return": (frozenset({Stage.ANSWERED}), Stage.HANDLING),
    "close": (frozenset({Stage.VERIFIED}), Stage.CLOSED),
    "rate": (frozenset({Stage.ANSWERED, Stage.VERIFIED, Stage.CLOSED}), None),
    "reopen": (frozenset({Stage.CLOSED}), Stage.ACCEPTED),
    "escalate": (UNANSWERED, None),
    "extend": (UNANSWERED, None),
    "merge": (UNANSWERED, Stage.MERGED),
}
STEP_WORDS = {
    "report": "上报",
    "accept": "受理",
    "dispatch": "分派",
    "handle": "办理",
    "ask": "请补充",
    "add": "补充",
    "resume": "补充",
    "answer": "答复",
    "verify": "核实",
    "return": "退回重办",
    "close": "办结",
    "rate": "评价",
    "reopen": "重新办理",
    "escalate": "督办",
    "extend": "延期",
    "merge": "并案",
    "hand_over": "交接",
}
PETITION = "petition"


def may(step: str, stage: Stage) -> bool:
    """Whether a step may be taken from a stage."""
    return stage in MOVES[step][0]


def due_on(received: date, clock: str, clocks: dict[str, int], calendar: Calendar) -> date:
    """Last day, inclusive, on which a matter received that day is on time.

    Working days, but calendar days for petition-like matters. Source: catalogue/clocks.toml.
    """
    if clock == PETITION:
        return received + timedelta(days=clocks["petition_days"])
    return calendar.add(received, clocks[clock])


def clock_words(today: date, due: date, *, ended: bool, calendar: Calendar) -> str:
    """How much time is left in words, "" once ended. contracts/clock.json holds examples."""
    if ended:
        return ""
    if due == today:
        return "今天到期"
    left = calendar.between(today, due)
    if left == 0:  # only days off lie between
        return "休息日到期" if today < due else "刚过期限"
    return f"还剩 {left} 个工作日" if left > 0 else f"已超 {-left} 个工作日"


def urgency(today: date, due: date, *, ended: bool, soon: int, calendar: Calendar) -> str:
    """ "late", "soon" or "calm": for the look of the words, never instead of them."""
    if ended:
        return "calm"
    if due < today:
        return "late"
    return "soon" if calendar.between(today, due) <= soon else "calm"


def bigrams(text: str) -> set[str]:
    """Pairs of neighbouring letters, digits or Chinese signs, lower case."""
    found: set[str] = set()
    previous = ""
    for sign in text.lower():
        if sign.isalnum():
            if previous:
                found.add(previous + sign)
            previous = sign
        else:
            previous = ""
    return found


def likeness(one: str, other: str) -> float:
    """Share of the shorter text's bigrams that stand in the other, 0 to 1."""
    a, b = bigrams(one), bigrams(other)
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def headline(words: str, length: int = 24) -> str:
    """The first sentence of a report, cut to fit a list."""
    first = words.strip().splitlines()[0] if words.strip() else ""
    for stop in "。！？；":
        first = first.split(stop)[0]
    return first if len(first) <= length else first[: length - 1] + "…"
