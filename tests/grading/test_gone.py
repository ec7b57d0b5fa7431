"""Who died, left for good or was registered twice counts in no household's help."""

import json
from datetime import date

import pytest
from click.testing import CliRunner
from django.conf import settings

from lianhu.cli import main
from lianhu.grading.actions.facts import record_fact
from lianhu.grading.queries.evidence import read_homes
from lianhu.grading.queries.suggest import suggest
from lianhu.grading.queries.whatif import what_if
from lianhu.grading.rules.colours import BY_ORDER, Colour
from lianhu.grading.rules.columns import evaluate
from lianhu.grading.rules.table import default_tables, matching, suggested
from lianhu.people.actions.duplicates import merge_persons
from lianhu.people.actions.members import end_member, restore_member
from lianhu.people.models import Person
from tests import cast
from tests.grading.helpers import OLD
from tests.grading.test_suggest import DRAFT
from tests.matters.helpers import AT, code_of

WIFE = {"name": "周婆婆", "relation": "10", "sex": "2", **OLD}


@pytest.fixture
def couple(secretary_east):
    """Two elders; she is severely disabled and may not be left alone."""
    home = cast.make_household(cast.EAST_GRID, "周老汉", [WIFE])
    wife = Person.objects.get(household=home, relation="10")
    for kind in ("severe_disability", "cannot_care_self"):
        record_fact(
            secretary_east, home.id, kind, person_id=wife.id, since=cast.LONG_AGO,
            source="残联证 12 号", **AT,
        )  # fmt: skip
    return home, wife


def register_of(actor, place=cast.EAST):
    """The columns of a place, and of each household its code and what the columns say of it."""
    homes = read_homes(actor, "grade.propose", under=place, on=cast.TODAY)
    facts = {}
    for number in range(len(homes)):
        said = {
            name: column.values[column.codes[number]]
            for name, column in homes.columns.items()
            if column.codes[number] >= 0
        }
        facts[homes.id(number)] = said
    return homes, facts


def rules_of(actor, home):
    """Colour and rules that are suggested for a household: by columns and one by one alike."""
    rules = default_tables()[-1].rules
    homes, facts = register_of(actor)
    owed, _ = evaluate(rules, homes.columns, homes.present)
    for number, order in enumerate(owed.tolist()):
        assert BY_ORDER[order] == suggested(rules, facts[homes.id(number)], Colour.GREEN)
    rows = {r.household_id: r for r in suggest(actor, under=cast.EAST, on=cast.TODAY).rows}
    one_by_one = sorted(rule.code for rule in matching(rules, facts[home.id]))
    row = rows.get(home.id)
    assert sorted(w["rule"] for w in row.why) == one_by_one if row else one_by_one == []
    return (row.colour.value if row else "green"), one_by_one


def living(home):
    """What the register says of who lives in a household, read row by row."""
    rows = Person.objects.filter(household=home, ended_on=None, residence="home")
    return rows.count()


@pytest.mark.parametrize("how", ["died", "moved_out"])
def test_who_is_gone_counts_no_more(how, couple, secretary_east):
    home, wife = couple
    assert rules_of(secretary_east, home)[0] == "red"
    end_member(secretary_east, wife.id, how, on=cast.TODAY, **AT)
    homes, facts = register_of(secretary_east)
    said = facts[home.id]
    assert living(home) == 1
    assert (said["elder_alone"], said["elders_only"], said["elders"]) == (True, False, 1)
    assert not said["severe_disability"]
    assert not said["cannot_care_self"]
    assert homes.proofs == {}
    assert rules_of(secretary_east, home) == ("green", [])
    restore_member(secretary_east, wife.id, words="弄错了", **AT)
    assert rules_of(secretary_east, home)[0] == "red"


def test_a_widower_is_an_elder_alone(couple, secretary_east):
    home, wife = couple
    end_member(secretary_east, wife.id, "died", on=cast.TODAY, **AT)
    record_fact(
        secretary_east, home.id, "long_illness", person_id=cast.head_of(home).id,
        since=cast.TODAY, source="诊断书", **AT,
    )  # fmt: skip
    assert rules_of(secretary_east, home) == ("yellow", ["Y02"])
    (row,) = suggest(secretary_east, under=cast.EAST, on=cast.TODAY).rows
    assert row.reason == "独居老人，有长期病"
    assert "在家 1 人，其中 65 岁以上 1 人" in row.why[0]["facts"][0]["evidence"][0]["source"]


def test_two_registrations_of_one_person_are_one(secretary_east):
    home = cast.make_household(cast.EAST_GRID, "周老汉", [{"name": "周老汉儿", **OLD}])
    keep, drop = cast.head_of(home), Person.objects.get(household=home, relation="97")
    said = register_of(secretary_east)[1][home.id]
    assert (said["elder_alone"], said["elders"]) == (False, 2)
    merge_persons(secretary_east, keep.id, drop.id, **AT)
    said = register_of(secretary_east)[1][home.id]
    assert (living(home), said["elder_alone"], said["elders"]) == (1, True, 1)


def test_a_duplicate_in_another_household_is_gone_from_it(secretary_east, couple):
    home, wife = couple
    other = cast.make_household(cast.EAST_GRID, "吴家", [{**WIFE, "name": "周婆婆"}])
    twice = Person.objects.get(household=other, relation="10")
    merge_persons(secretary_east, wife.id, twice.id, **AT)
    facts = register_of(secretary_east)[1]
    assert (facts[home.id]["elders"], facts[other.id]["elders"]) == (2, 1)
    assert facts[other.id]["elder_alone"]


def test_nothing_is_recorded_of_who_is_gone(couple, secretary_east):
    home, wife = couple
    end_member(secretary_east, wife.id, "died", on=cast.TODAY, **AT)
    wanted = {"person_id": wife.id, "since": cast.TODAY, "source": "证"}
    assert code_of(record_fact, secretary_east, home.id, "long_illness", **wanted) == (
        "grading.whose"
    )


@pytest.mark.skipif(settings.LIANHU_GUARDED, reason="a command comes as the owner")
def test_the_command_leaves_them_out(couple, secretary_east):
    _, wife = couple
    shape = suggested_by_command()
    assert [row["suggested"] for row in shape["suggestions"]] == ["red"]
    end_member(secretary_east, wife.id, "died", on=cast.TODAY, **AT)
    assert suggested_by_command()["suggestions"] == []


def test_what_if_leaves_them_out(secretary_east, officer_county):
    homes = [cast.make_household(cast.EAST_GRID, "周老汉", [WIFE]) for _ in range(11)]
    for _ in range(11):  # whom nothing changes for: fewer would hide the figure
        cast.make_household(members=[{"name": "壮", "born_on": date(1990, 1, 1)}])

    def more():
        found = what_if(officer_county, DRAFT, under=cast.COUNTY, on=cast.TODAY)
        return {line.more for line in found.lines}

    assert more() == {None}
    for wife in Person.objects.filter(household__in=homes, relation="10"):
        end_member(secretary_east, wife.id, "died", on=cast.TODAY, **AT)
    assert more() == {11}


def suggested_by_command():
    """What `lianhu grades suggest` says."""
    args = ["grades", "suggest", "--place", cast.EAST, "--on", "2026-11-23", "--json"]
    return json.loads(CliRunner().invoke(main, args).output)
