"""The county's own tables: draft, publish, and that publishing changes no household."""

from datetime import timedelta

import pytest

from lianhu.grading.actions.tables import (
    change_table,
    draft_table,
    drop_table,
    publish_table,
)
from lianhu.grading.queries.colours import own_grade
from lianhu.grading.queries.tables import (
    get_table,
    list_tables,
    published_tables,
    table_in_force,
)
from lianhu.grading.rules.table import default_tables, make_table
from lianhu.people.actions.assessments import keep_assessment
from tests import cast
from tests.grading.helpers import left_behind
from tests.matters.helpers import AT, code_of, later


def table(since=cast.TODAY, title="县标准"):
    """A county's table with one rule."""
    rule = {"code": "A", "colour": "red", "reason": "留守", "when": {"left_behind_child": True}}
    return make_table({"title": title, "from": since, "source": "县民政局", "rules": [rule]})


ANSWERS = {
    "purpose": "按公开的标准提醒该多帮哪些户，由人决定",
    "necessity": "只用已登记的家庭情况，不多收一项",
    "risks": "可能被当成给人贴标签，或者漏掉该帮的",
    "measures": "只提醒多帮、两人确认、本户可申诉，不外传",
}  # fmt: skip


def assess(actor, row, *, proceed=True, **when):
    return keep_assessment(
        actor,
        cast.COUNTY,
        "rule_table",
        "县标准",
        ANSWERS,
        proceed=proceed,
        subject=row.id,
        **(AT | when),
    )


def test_no_table_is_published_without_an_assessment_of_it_as_it_is(
    data_officer, officer_county
):
    row = draft_table(data_officer, cast.COUNTY, table(), **AT)
    other = draft_table(data_officer, cast.COUNTY, table(title="另一份"), **AT)
    assess(data_officer, other)
    call = (publish_table, officer_county, row.id)
    assert code_of(*call) == "grading.no_assessment"
    assess(data_officer, row, proceed=False)
    assert code_of(*call) == "grading.no_assessment"
    assess(data_officer, row, **later(hours=1))
    change_table(data_officer, row.id, table(title="改过"), **later(hours=2))
    assert code_of(*call, **later(hours=3)) == "grading.no_assessment"
    assess(data_officer, row, **later(hours=3))
    assert publish_table(officer_county, row.id, **later(hours=4)).published_by_name == "吴纪"


def test_a_draft_decides_nothing_until_it_is_published(data_officer, officer_county):
    child = left_behind()
    row = draft_table(data_officer, cast.COUNTY, table(), **AT)
    assert table_in_force(cast.COUNTY, cast.TODAY) == default_tables()[0]
    assert code_of(publish_table, data_officer, row.id) == "grading.no_table"
    assess(data_officer, row)
    publish_table(officer_county, row.id, **AT)
    assert table_in_force(cast.COUNTY, cast.TODAY).title == "县标准"
    assert table_in_force(cast.COUNTY, cast.TODAY - timedelta(days=1)) == default_tables()[0]
    assert [(t.published_by_name, t.published_at) for t in published_tables(cast.COUNTY)] == [
        ("吴纪", cast.NOON)
    ]
    assert own_grade(child.id, on=cast.TODAY).now.colour == "green"


def test_what_is_published_is_never_edited(data_officer, officer_county):
    row = draft_table(data_officer, cast.COUNTY, table(), **AT)
    change_table(data_officer, row.id, table(title="改过"), **AT)
    assess(data_officer, row)
    publish_table(officer_county, row.id, **AT)
    for action, *more in ((change_table, table()), (drop_table,)):
        assert code_of(action, data_officer, row.id, *more) == "grading.published"
    assert code_of(publish_table, officer_county, row.id) == "grading.published"
    assert table_in_force(cast.COUNTY, cast.TODAY).title == "改过"


def test_no_table_decides_backwards(data_officer, officer_county):
    row = draft_table(data_officer, cast.COUNTY, table(cast.TODAY - timedelta(days=1)), **AT)
    assert code_of(publish_table, officer_county, row.id) == "grading.past_day"
    drop_table(data_officer, row.id, **AT)
    assert not list_tables(data_officer).exists()
    assert code_of(publish_table, officer_county, row.id) == "grading.no_table"


@pytest.mark.parametrize("role", ["secretary", "town", "leader", "warden"])
def test_nobody_else_touches_the_tables(role, places, data_officer):
    place = {"secretary": cast.EAST, "town": cast.EAST_TOWN, "leader": cast.COUNTY}
    actor = cast.make_actor("某", (role, place.get(role, cast.EAST_GRID)))
    row = draft_table(data_officer, cast.COUNTY, table(), **AT)
    assert code_of(draft_table, actor, cast.COUNTY, table()) == "account.not_permitted"
    assert code_of(lambda *a, at: get_table(*a), actor, row.id) == "grading.no_table"
    for action, *more in ((change_table, table()), (drop_table,), (publish_table,)):
        assert code_of(action, actor, row.id, *more) == "grading.no_table"
