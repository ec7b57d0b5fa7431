"""How many matters are late, due or open, by queue and by place."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateField,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Sum,
    When,
)
from django.db.models.functions import Substr
from django.db.models.lookups import LessThanOrEqual
from django.utils.timezone import make_aware

from lianhu.kernel.actor import Actor
from lianhu.matters.models import Matter
from lianhu.matters.queries.lists import OPEN, turn_of
from lianhu.matters.rules import RUNNING, Stage
from lianhu.territory.models import RowClass
from lianhu.territory.queries import reach, within


class _LocalDay(Func):
    """The day of a moment in China, by the database's own function: Django's calls Python for
    every row on SQLite. China has been eight hours ahead, all year, since 1991."""

    template = "(%(expressions)s AT TIME ZONE 'Asia/Shanghai')::date"
    output_field = DateField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """SQLite keeps moments as texts in UTC."""
        return self.as_sql(
            compiler, connection, template="date(%(expressions)s, '+8 hours')", **extra
        )


# Answered on the last day at the latest.
IN_TIME = Q(LessThanOrEqual(_LocalDay("answered_at"), F("due_on")))


@dataclass(frozen=True, slots=True)
class Turn:
    """The home page's figures, all over open matters but the last two."""

    late: int
    today: int
    mine: int
    open: int
    ended_in_time: int
    ended: int


def _sum(condition: Q) -> Sum:
    return Sum(Case(When(condition, then=1), default=0, output_field=IntegerField()), default=0)


def count_turn(actor: Actor, *, under: str, today: date, days: int = 90) -> Turn:
    """The figures at or below a place; late is what is past its day and not yet answered (nor
    waiting for its reporter). Two queries: one over open matters, one over those ended
    among the ones received in the last `days`."""
    rows: QuerySet[Matter] = reach(Matter.objects, actor, "matter.read").filter(within([under]))
    found = rows.filter(OPEN).aggregate(
        late=_sum(Q(due_on__lt=today, stage__in=RUNNING)),
        today=_sum(Q(due_on=today, stage__in=RUNNING)),
        mine=_sum(turn_of(actor)),
        open=Count("id"),
    )
    since = make_aware(datetime.combine(today - timedelta(days=days), time.min))
    ended = rows.filter(stage=Stage.CLOSED, received_at__gte=since).aggregate(
        ended=Count("id"), in_time=_sum(IN_TIME)
    )
    return Turn(
        late=found["late"],
        today=found["today"],
        mine=found["mine"],
        open=found["open"],
        ended=ended["ended"],
        ended_in_time=ended["in_time"],
    )


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """Open and late matters below a place."""

    open: int = 0
    late: int = 0


def count_below(
    actor: Actor, codes: list[str], *, under: str, today: date
) -> dict[str, PlaceCount]:
    """Open and late matters below each of the codes (all of one length). One query."""
    if not codes:
        return {}
    rows = (
        reach(Matter.objects, actor, "matter.read")
        .filter(within([under]), OPEN)
        .annotate(below=Substr("place_id", 1, len(codes[0])))
        .values("below")
        .annotate(open=Count("id"), late=_sum(Q(due_on__lt=today, stage__in=RUNNING)))
        .order_by()
        .values_list("below", "open", "late")
    )
    found = {code: PlaceCount(open_, late) for code, open_, late in rows}
    return {code: found.get(code, PlaceCount()) for code in codes}


VILLAGE_LENGTH = 12


def count_published(*, since: datetime, until: datetime) -> dict[str, tuple[int, int]]:
    """Ordinary matters received from `since` until before `until` and those of them answered in
    time by then, for each village code they were filed under (former codes apart).

    Copies of another matter count with it. The caller hides small figures before showing any
    (`kernel.suppression`). One query.
    """
    in_time = Q(answered_at__lt=until, answered_at__date__lte=F("due_on"))
    rows = (
        # open to all: bare counts, ordinary rows only, hidden where small.
        Matter.objects.filter(row_class=RowClass.ORDINARY, received_at__gte=since)
        .filter(received_at__lt=until)
        .exclude(stage=Stage.MERGED)
        .annotate(below=Substr("place_id", 1, VILLAGE_LENGTH))
        .values("below")
        .annotate(received=Count("id"), in_time=_sum(in_time))
        .order_by()
        .values_list("below", "received", "in_time")
    )
    return {code: (n, good) for code, n, good in rows if len(code) == VILLAGE_LENGTH}
