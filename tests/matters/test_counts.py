"""The figures of the first page, day by day as China counts days."""

from datetime import datetime, time, timedelta

from django.utils.timezone import make_aware

from lianhu.matters.models import Matter
from lianhu.matters.queries.counts import count_turn
from tests import cast


def _closed(warden, answered_at):
    matter = cast.make_matter(warden)
    Matter.objects.filter(id=matter.id).update(
        stage="closed", is_open=False, answered_at=answered_at(matter.due_on)
    )


def test_count_turn_ends_the_last_day_at_chinas_midnight(secretary_east, warden):
    def midnight(day):
        return make_aware(datetime.combine(day + timedelta(days=1), time.min))

    _closed(warden, lambda day: midnight(day) - timedelta(seconds=1))
    _closed(warden, midnight)
    turn = count_turn(secretary_east, under=cast.EAST, today=cast.TODAY)
    assert (turn.ended, turn.ended_in_time) == (2, 1)


def test_count_turn_looks_back_some_days_only(secretary_east, warden):
    _closed(warden, lambda day: cast.NOON)
    for days, ended in ((0, 1), (-1, 0)):
        turn = count_turn(secretary_east, under=cast.EAST, today=cast.TODAY, days=days)
        assert turn.ended == ended, days
