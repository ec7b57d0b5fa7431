"""Two lists read as one, a page at a time, are one list."""

import pytest

from lianhu.matters.models import Matter
from lianhu.matters.queries.lists import ORDERS, Filter, list_matters
from lianhu.matters.queries.merged import Merged
from tests import cast


def _matters(warden, count):
    """Matters of which three share each day and two each deadline."""
    made = [cast.make_matter(warden, words=f"第 {n} 件") for n in range(count)]
    for n, matter in enumerate(made):
        matter.received_at = matter.received_at.replace(hour=n // 3)
        matter.due_on = matter.due_on.replace(day=1 + n // 2)
    Matter.objects.bulk_update(made, ["received_at", "due_on"])
    return made


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("few", [(), (0,), (9,), (4, 5), (0, 3, 8, 9), range(10)])
def test_merged_gives_every_page_of_the_whole(warden, order, few):
    made = _matters(warden, 10)
    apart = [made[n].id for n in few]
    merged = Merged(
        Matter.objects.exclude(id__in=apart), Matter.objects.filter(id__in=apart), ORDERS[order]
    )
    whole = list(Matter.objects.order_by(*ORDERS[order]))
    assert list(merged) == whole
    for start in range(12):
        for size in (1, 3, 20):
            assert merged[start : start + size] == whole[start : start + size], (start, size)


def test_merged_counts_no_further_than_asked(warden):
    made = _matters(warden, 5)
    own = Matter.objects.filter(id=made[2].id)
    merged = Merged(Matter.objects.exclude(id=made[2].id), own, ORDERS["due"])
    assert [merged.count(most) for most in (1, 4, 5, 9)] == [2, 5, 5, 5]


@pytest.mark.parametrize("state", ["open", "all"])
@pytest.mark.parametrize("under", ["", cast.EAST])
def test_list_matters_puts_own_reports_about_officials_among_the_others(
    secretary_east, officer_county, warden, state, under
):
    at = cast.NOON
    before = cast.make_matter(warden, at=at.replace(hour=8))
    own = cast.make_matter(
        secretary_east, at=at.replace(hour=9), category="official.money",
    )  # fmt: skip
    after = cast.make_matter(warden, at=at.replace(hour=10))
    wanted = Filter(state=state, order="-received", under=under)
    expected = [after.id, before.id] if under else [after.id, own.id, before.id]
    rows = list_matters(secretary_east, wanted, today=cast.TODAY)
    assert [m.id for m in rows] == expected
    assert rows.count(9) == len(expected)
    county = list_matters(officer_county, Filter(state=state), today=cast.TODAY)
    assert sorted(m.id for m in county) == sorted([before.id, own.id, after.id])
