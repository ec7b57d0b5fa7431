"""How many matters are late, due or open, by queue and by place."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import (
    BooleanField,
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
from lianhu.matters.models import CONFIDENTIAL, EndedCount, Matter
from lianhu.matters.queries.lists import AT_HAND, may_hold_own, turn_of
from lianhu.matters.rules import RUNNING, Stage
from lianhu.territory.models import RowClass
from lianhu.territory.queries import VILLAGE_LENGTH, reach, within


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


class _IsConfidential(Func):
    """Whether a row class is one of the confidential, as the condition of their index says it:
    with the classes in the statement, for SQLite does not match values that come later."""

    template = f"%(expressions)s IN {tuple(c.value for c in CONFIDENTIAL)}"
    arity = 1
    output_field = BooleanField()


COUNTED = (6, 9, 12)  # lengths of the codes for which closed matters are counted beforehand
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
    waiting for its reporter). Two to four queries: one over open matters, the others about those
    ended among the ones received in the last `days`."""
    rows: QuerySet[Matter] = reach(
        Matter.objects, actor, "matter.read", own=may_hold_own(under)
    ).filter(within([under]))
    found = rows.filter(AT_HAND).aggregate(
        late=_sum(Q(due_on__lt=today, stage__in=RUNNING)),
        today=_sum(Q(due_on=today, stage__in=RUNNING)),
        mine=_sum(turn_of(actor)),
        open=Count("*"),
    )
    ended, in_time = _ended(actor, rows, under, today - timedelta(days=days))
    return Turn(
        late=found["late"],
        today=found["today"],
        mine=found["mine"],
        open=found["open"],
        ended=ended,
        ended_in_time=in_time,
    )


def _ended(actor: Actor, rows: QuerySet[Matter], under: str, since: date) -> tuple[int, int]:
    """How many closed ones among `rows` were received since a day, and answered in time.

    Whoever reads a whole county, town or village reads its counts of ordinary matters, but for
    any that accuses himself, and counts only the few confidential ones row by row.
    """
    closed = Q(
        stage=Stage.CLOSED, received_at__gte=make_aware(datetime.combine(since, time.min))
    )
    if not (actor.holds("matter.read", under) and len(under) in COUNTED):
        return _count(rows.filter(closed))
    # open to all: bare counts of what the line above says the actor may read.
    kept = EndedCount.objects.filter(place=under, received_on__gte=since).aggregate(
        number=Sum("ended", default=0), good=Sum("in_time", default=0)
    )
    more = _count(rows.filter(closed, _IsConfidential(F("row_class"))))
    # open to all: the actor's own, and only to leave them out.
    own = _count(
        Matter.objects.filter(closed, within([under]), accused_id=actor.id)
        .filter(row_class=RowClass.ORDINARY)
    )  # fmt: skip
    return kept["number"] + more[0] - own[0], kept["good"] + more[1] - own[1]


def _count(rows: QuerySet[Matter]) -> tuple[int, int]:
    found = rows.aggregate(number=Count("id"), good=_sum(IN_TIME))
    return found["number"], found["good"]


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
        .filter(within([under]), AT_HAND)
        .annotate(below=Substr("place_id", 1, len(codes[0])))
        .values("below")
        .annotate(open=Count("*"), late=_sum(Q(due_on__lt=today, stage__in=RUNNING)))
        .order_by()
        .values_list("below", "open", "late")
    )
    found = {code: PlaceCount(open_, late) for code, open_, late in rows}
    return {code: found.get(code, PlaceCount()) for code in codes}


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
