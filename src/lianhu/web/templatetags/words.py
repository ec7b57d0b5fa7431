"""Say things in words: clocks, stages, offices, masked names."""

from datetime import date, datetime

from django import template
from django.utils.timezone import localdate, localtime

from lianhu.kernel.actor import Actor
from lianhu.kernel.masking import mask_name, mask_phone
from lianhu.kernel.workdays import state_calendar
from lianhu.matters.kinds import all_kinds, clocks, office_name
from lianhu.matters.models import Matter
from lianhu.matters.rules import (
    ENDED,
    STAGE_WORDS,
    STEP_WORDS,
    Stage,
    clock_words,
    headline,
    urgency,
)
from lianhu.people.queries import shown_name
from lianhu.people.queries.history import proposal_words
from lianhu.territory.models import RowClass

register = template.Library()
# The clock is the answer's: it stops there, whoever still has to look.
ANSWERED = {Stage.ANSWERED, Stage.VERIFIED}
register.filter("mask_name", mask_name)
register.filter("mask_phone", mask_phone)
register.filter("headline", headline)
register.filter("proposal_said", proposal_words)


@register.filter
def clock(matter: Matter) -> str:
    """How much time a matter has left; once it was answered, that."""
    if matter.stage in ANSWERED:
        return "已答复"
    ended = Stage(matter.stage) in ENDED
    return clock_words(localdate(), matter.due_on, ended=ended, calendar=state_calendar())


@register.filter
def urgent(matter: Matter) -> str:
    """ "late", "soon" or "calm", the class of the clock's words."""
    today = localdate()
    return urgency(
        today,
        matter.due_on,
        ended=Stage(matter.stage) in ENDED or matter.stage in ANSWERED,
        soon=clocks(today)["soon"],
        calendar=state_calendar(),
    )


@register.filter
def stage_words(stage: str) -> str:
    """A stage in words."""
    return STAGE_WORDS[Stage(stage)]


@register.filter
def step_words(verb: str) -> str:
    """A step in words."""
    return STEP_WORDS.get(verb, verb)


@register.filter
def class_words(row_class: str) -> str:
    """Who may see a row, in words."""
    return str(RowClass(row_class).label)


@register.filter
def kind_name(code: str) -> str:
    """A kind of matter in words; an unknown code speaks for itself."""
    kind = all_kinds().get(code)
    return kind.name if kind else code


@register.filter
def top_name(code: str) -> str:
    """A top category in words."""
    kind = all_kinds().get(code)
    return kind.top_name if kind else code


@register.filter
def office(code: str) -> str:
    """An office in words, without its place."""
    return office_name(code)


@register.filter
def when(moment: datetime | date | None) -> str:
    """A moment as people say it: 11月23日 09:41; the year only where it is not this one."""
    if moment is None:
        return ""
    if isinstance(moment, datetime):
        local = localtime(moment)
        day, hour = local.date(), f" {local:%H:%M}"
    else:
        day, hour = moment, ""
    year = f"{day.year}年" if day.year != localdate().year else ""
    return f"{year}{day.month}月{day.day}日{hour}"


@register.filter
def due(day: date | None) -> str:
    """The last day of a clock of working days; said to be reckoned where the State Council has
    not yet arranged that year's holidays, for then it may still move."""
    if day is None or state_calendar().is_published(day):
        return when(day)
    return f"{when(day)}（{day.year} 年放假安排还没有公布，暂按周一到周五推算）"


@register.simple_tag
def name_for(actor: Actor, name: str, place: str) -> str:
    """A name in whole for those who know the village, else masked."""
    return shown_name(actor, name, place)
