"""What the daily run does: notices run out, terms lapse, care episodes end, who decides is
reminded."""

from datetime import datetime, timedelta

from django.utils.timezone import localdate

from lianhu.grading.actions.carry import wake_resting
from lianhu.grading.actions.decide import note
from lianhu.grading.models import Appeal, CareEpisode, Grade
from lianhu.grading.queries.colours import grades_in_reach
from lianhu.grading.rules.colours import State, clocks, reminders
from lianhu.kernel.actor import Actor
from lianhu.kernel.transactions import one_transaction
from lianhu.kernel.workdays import state_calendar
from lianhu.people.models import Household
from lianhu.territory.queries import reach

VERBS = ("grade.propose", "grade.appeal", "care.open")


@one_transaction
def run_clocks(actor: Actor, *, at: datetime) -> dict[str, int]:
    """End what a person decided to end, let lapse what nobody renewed, remind a month before.

    Nothing is lowered that was not decided and told, nor while an appeal is open.
    """
    today = localdate(at)
    rows = grades_in_reach(actor, "grade.propose").select_related("household")
    ended = list(rows.filter(state=State.NOTICE, ends_on__lte=today))
    for grade in ended:
        grade.state = State.ENDED
        grade.save(update_fields=["state"])
        note(actor, "grade.ended", grade.household, at=at)
    lapsed = list(rows.filter(state__in=(State.HELD, State.NOTICE), lapses_on__lte=today))
    for grade in lapsed:
        grade.state = State.LAPSED
        grade.save(update_fields=["state"])
        note(actor, "grade.lapsed", grade.household, at=at)
    wake_resting([grade.household_id for grade in (*ended, *lapsed)], today)
    rows.filter(state=State.RESTING, lapses_on__lte=today).update(state=State.LAPSED)
    soon = today + timedelta(days=clocks(today)["renew_days"])
    reminded = list(
        rows.filter(state=State.HELD, lapses_on__lte=soon, reminded_on=None).exclude(
            lapses_on__lte=today
        )
    )
    for grade in reminded:
        grade.reminded_on = today
        grade.save(update_fields=["reminded_on"])
        note(actor, "grade.remind", grade.household, at=at, tell=False)
    homes = reach(Household.objects, actor, "care.open")
    # Nobody is told how many: there is no count of care.
    CareEpisode.objects.filter(household__in=homes, closed_on=None, ends_on__lte=today).update(
        closed_on=today
    )
    waiting, appeals = _remind(actor, at)
    return {
        "grades_ended": len(ended), "grades_lapsed": len(lapsed),
        "grades_to_renew": len(reminded), "grades_waiting_long": waiting,
        "appeals_due_soon": appeals,
    }  # fmt: skip


def _remind(actor: Actor, at: datetime) -> tuple[int, int]:
    """Bring to mind, once each, what waits long for its second person and appeals of which few
    days are left; how many. First pages show it to those who may decide."""
    today = localdate(at)
    terms = reminders(today)
    since = at - timedelta(days=terms["waiting_days"])
    rows = grades_in_reach(actor, "grade.propose").select_related("household")
    waiting = list(rows.filter(state=State.WAITING, proposed_at__lte=since, reminded_on=None))
    last = state_calendar().add(today, terms["appeal_left_working_days"])
    homes = reach(Household.objects, actor, "grade.appeal")
    # scoped by reach() above
    appeals = Appeal.objects.filter(household__in=homes, decided_at=None, reminded_on=None)
    soon = list(appeals.filter(due_on__lte=last).select_related("household"))
    both: list[Grade | Appeal] = [*waiting, *soon]
    for row in both:
        row.reminded_on = today
        row.save(update_fields=["reminded_on"])
        note(actor, "grade.remind", row.household, at=at, tell=False)
    return len(waiting), len(soon)
