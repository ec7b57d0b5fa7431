"""The three colours, in the order of the help owed, and the stages of a decision. Pure."""

from datetime import date
from enum import StrEnum
from typing import Any

from lianhu.kernel.catalogue import in_force, read


class Colour(StrEnum):
    """How much help is owed."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


ORDER = {Colour.GREEN: 0, Colour.YELLOW: 1, Colour.RED: 2}
BY_ORDER = tuple(ORDER)
WORDS = {Colour.GREEN: "放心户", Colour.YELLOW: "关心户", Colour.RED: "连心户"}
SHAPES = {Colour.GREEN: "●", Colour.YELLOW: "▲", Colour.RED: "■"}
GREEN_WHY = "没有登记到要多帮的情况，平常走访"


class State(StrEnum):
    """Where a decision is."""

    WAITING = "waiting"  # for a second person
    HELD = "held"
    NOTICE = "notice"  # its end was decided and told; help goes on
    APPEALED = "appealed"  # the household objects; help goes on
    ENDED = "ended"
    LAPSED = "lapsed"
    RESTING = "resting"  # behind one that owes more since two households merged
    REPLACED = "replaced"
    REFUSED = "refused"  # by the second person
    DECLINED = "declined"  # a suggestion that a person decided against


STATE_WORDS = {
    State.WAITING: "等第二个人确认",
    State.HELD: "正在按这个颜色帮",
    State.NOTICE: "已通知要结束，期满以前照样帮",
    State.APPEALED: "这户有申诉，定下来以前照样帮",
    State.ENDED: "结束了",
    State.LAPSED: "满 12 个月没有续，到期了",
    State.RESTING: "并户以后先按更多的帮，那个到期再接着按这个帮",
    State.REPLACED: "换成了新的决定",
    State.REFUSED: "第二个人没有同意",
    State.DECLINED: "看过建议，决定先不变",
}
# Help goes on in all of these; a lapse does not reach a household that appealed.
HELPING = (State.HELD, State.NOTICE, State.APPEALED)
CARRIED = "分户或并户时从原来那一户带来的决定，照原来的期限接着帮"


def more_help(first: Colour, second: Colour) -> Colour:
    """The one of two colours that owes more help."""
    return first if ORDER[first] >= ORDER[second] else second


def needs_two(colour: Colour) -> bool:
    """Whether two people must decide. Source: norms.md, "People come first", 2."""
    return colour == Colour.RED


def clocks(on: date) -> dict[str, Any]:
    """The terms in force on a day (catalogue/grading/clocks.toml)."""
    return in_force(read("grading/clocks.toml")["versions"], on)


def reminders(on: date) -> dict[str, Any]:
    """When those who decide are reminded, on a day (catalogue/grading/clocks.toml)."""
    return in_force(read("grading/clocks.toml")["reminders"], on)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last day of a shorter month."""
    year, month = divmod(day.month - 1 + months, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(day.year + year, month + 1, last)
        except ValueError:
            continue
    return date(day.year + year, month + 1, day.day)
