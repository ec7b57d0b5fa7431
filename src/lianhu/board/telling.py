"""Say to the reporter where a matter stands, what comes next and who sees it, in plain words."""

from django.utils.timezone import localdate

from lianhu.kernel.workdays import state_calendar
from lianhu.matters.kinds import Kind, clocks, get_kind, office_at, office_name, who_sees
from lianhu.matters.queries.public import PublicMatter
from lianhu.matters.rules import PETITION, clock_words
from lianhu.territory.queries import place_names

# Stage: where it stands, what comes next. {office} has it now.
STAGES = {
    "reported": (
        "已经收到，等{office}受理。",
        "受理以后交给经办的单位去办，办完在这里答复您。",
    ),
    "accepted": ("{office}已经受理，正在安排谁来办。", "安排好就开始办，办完在这里答复您。"),
    "dispatched": ("已经交给{office}，等他们去办。", "办完在这里答复您。"),
    "handling": ("{office}正在办。", "办完在这里答复您。"),
    "waiting": (
        "{office}要问您一句话，等您回答。",
        "您回答以后接着办。等您的日子不算在期限里。",
    ),
    "answered": ("已经答复您。", "另一个人会去核实是不是真办好了；没办好要退回去重办。"),
    "verified": ("答复已经有人核实。", "接着就办结。"),
    "closed": ("已经办结。", ""),
    "merged": ("和别人反映的是同一件事，一起办。", ""),
}
PLACELESS = "经办单位"


def stage_words(matter: PublicMatter) -> tuple[str, str]:
    """Where a matter stands, and what happens next."""
    now, later = STAGES[matter.stage]
    return now.format(office=matter.office or PLACELESS), later


def clock_of(matter: PublicMatter) -> str:
    """How much time is left for the answer; "" once answered or while we wait for the reporter."""
    if not matter.unanswered or matter.stage == "waiting":
        return ""
    today = localdate()
    return clock_words(today, matter.due_on, ended=False, calendar=state_calendar())


def unarranged_year(matter: PublicMatter) -> int:
    """The year in which an answer is due and whose holidays are not published yet, or 0: the day
    is then reckoned by weekdays and may still move."""
    if not clock_of(matter) or state_calendar().is_published(matter.due_on):
        return 0
    return matter.due_on.year


def promise(kind: Kind) -> str:
    """By when a report of this kind is answered. Source: catalogue/clocks.toml."""
    rules = clocks(localdate())
    if kind.clock == PETITION:
        sort, end = rules["petition_sort_days"], rules["petition_days"]
        return f"{sort} 天内告诉您受不受理，{end} 天内办结。"
    days = rules[kind.clock]
    return "当天就办，当天答复。" if days == 0 else f"{days} 个工作日内答复您。"


def who(kind: Kind) -> str:
    """Who will see a report of this kind, and for a confidential one where it will not go."""
    words = who_sees(kind)
    if kind.visibility == "sensitive":
        return f"{words}。不给村里其他干部看，不给联户的人看，也不公布。"
    if kind.visibility == "about_official":
        return (
            f"{words}。不会送到本村、本镇，不会出现在村里和镇里的任何名单和数字里；"
            "您的名字和电话只有县里经办的人看得到。"
        )
    return f"{words}。不公布您的名字和电话。"


def narrowed(category: str, place: str) -> str:
    """Who sees an ordinary report whose sender asked that only those who handle it see it."""
    office = office_at(place, get_kind(category).receives)
    code = office.partition(":")[0]
    return office_name(office, place_names([code]))
