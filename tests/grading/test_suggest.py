"""What the rules suggest, why, and what a draft would change."""

import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from django.conf import settings

from lianhu.accounts.queries.actors import system_actor
from lianhu.cli import main
from lianhu.daily import run_daily
from lianhu.grading.actions.decide import confirm_grade, decline_suggestion, propose_grade
from lianhu.grading.actions.facts import end_fact, record_fact
from lianhu.grading.models import Fact, Grade
from lianhu.grading.queries.suggest import suggest
from lianhu.grading.queries.waiting import facts_of, open_suggestions, own_facts
from lianhu.grading.queries.whatif import what_if
from lianhu.grading.rules.table import default_tables, make_table
from lianhu.people.models import Person
from tests import cast
from tests.grading.helpers import elder_alone, fact, left_behind
from tests.matters.helpers import AT, code_of


def found(actor, under=cast.EAST, **more):
    """Household to (present, suggested, rules)."""
    rows = suggest(actor, under=under, on=cast.TODAY, **more).rows
    return {
        r.household_id: (r.present.value, r.colour.value, [w["rule"] for w in r.why])
        for r in rows
    }


def test_the_register_and_the_records_speak_together(secretary_east):
    alone, child = elder_alone(), left_behind()
    cast.make_household(members=[{"name": "壮", "born_on": date(1990, 1, 1)}])
    assert found(secretary_east) == {child.id: ("green", "yellow", ["Y03"])}
    fact(secretary_east, alone, "severe_disability")
    fact(secretary_east, child, "minimum_living")
    assert found(secretary_east) == {
        alone.id: ("green", "red", ["R04", "R10", "Y07"]),
        child.id: ("green", "red", ["R07", "Y03", "Y04"]),
    }


def test_every_suggestion_says_rule_facts_and_evidence(secretary_east):
    alone = elder_alone()
    fact(secretary_east, alone, "long_illness")
    (row,) = suggest(secretary_east, under=cast.EAST, on=cast.TODAY).rows
    assert row.why == (
        {
            "rule": "Y02",
            "colour": "yellow",
            "reason": "独居老人，有长期病",
            "facts": [
                {"fact": "elder_alone", "words": "独居老人", "evidence": [
                    {"source": "户籍登记：在家 1 人，其中 65 岁以上 1 人，16 岁以下 0 人，"
                               "18 到 59 岁 0 人"}]},
                {"fact": "long_illness", "words": "长期病", "evidence": [
                    {"source": "残联证 12 号", "from": "2026-01-01", "until": None}]},
            ],
        },
    )  # fmt: skip
    assert row.reason == "独居老人，有长期病"


def test_only_more_help_is_ever_suggested(secretary_east, officer_town):
    child = left_behind()
    grade = propose_grade(secretary_east, child.id, "red", "托付给邻居了", **AT)
    confirm_grade(officer_town, grade.id, **AT)
    assert found(secretary_east) == {child.id: ("red", "red", ["Y03"])}
    assert open_suggestions(secretary_east, under=cast.EAST, on=cast.TODAY)[1] == []


def test_a_birthday_decides_to_the_day(secretary_east):
    alone = elder_alone()
    fact(secretary_east, alone, "long_illness")
    people = Person.objects.filter(household=alone)
    people.update(born_on=cast.TODAY.replace(year=cast.TODAY.year - 65) + timedelta(days=1))
    assert found(secretary_east) == {}
    people.update(born_on=cast.TODAY.replace(year=cast.TODAY.year - 65))
    assert list(found(secretary_east)) == [alone.id]


def test_an_ended_fact_says_nothing_and_lowers_nothing(secretary_east):
    alone = elder_alone()
    row = fact(secretary_east, alone, "long_illness")
    propose_grade(secretary_east, alone.id, "yellow", "长期病", **AT)
    end_fact(secretary_east, row.id, last_day=cast.TODAY - timedelta(days=1), **AT)
    assert found(secretary_east) == {}
    assert suggest(secretary_east, under=cast.EAST, on=cast.TODAY).more == []


def test_a_new_income_band_ends_the_one_before(secretary_east, household):
    fact(secretary_east, household, "income_band", "low")
    fact(secretary_east, household, "income_band", "middle", since=date(2026, 6, 1))
    assert [(f.value, f.until) for f in own_facts(household.id)] == [
        ("middle", None), ("low", date(2026, 5, 31)),
    ]  # fmt: skip


def test_record_fact_refuses(secretary_east, secretary_west, household, warden, data_officer):
    def refused(actor=secretary_east, kind="minimum_living", **more):
        wanted = {"since": cast.TODAY, "source": "证"} | more
        return code_of(record_fact, actor, household.id, kind, **wanted)

    for actor in (secretary_west, warden, data_officer):
        assert refused(actor) == "household.not_found"
    assert refused(kind="religion") == "grading.forbidden_fact"
    assert refused(kind="elder_alone") == "grading.unknown_fact"
    assert refused(kind="income_band", value="rich") == "grading.bad_value"
    assert refused(kind="long_illness") == "grading.whose"
    assert refused(kind="long_illness", person_id=household.id) == "grading.whose"
    assert refused(source=" ") == "grading.no_source"
    assert refused(source="经常上访") == "grading.no_source"
    assert refused(since=cast.TODAY + timedelta(days=1)) == "grading.bad_day"
    assert Fact.objects.count() == 0
    row = fact(secretary_east, household, "minimum_living")
    assert code_of(end_fact, secretary_west, row.id, last_day=cast.TODAY) == "grading.no_fact"
    assert facts_of(secretary_east, household.id).count() == 1
    assert facts_of(warden, household.id).count() == 0


def test_the_queue_leaves_out_what_a_person_decided(secretary_east):
    child, alone = left_behind(), elder_alone()
    fact(secretary_east, alone, "severe_disability")
    decline_suggestion(secretary_east, child.id, "yellow", "邻居照看", **AT)
    propose_grade(secretary_east, alone.id, "red", "独居重残", **AT)
    assert open_suggestions(secretary_east, under=cast.EAST, on=cast.TODAY)[1] == []
    later = cast.TODAY + timedelta(days=181)
    left = open_suggestions(secretary_east, under=cast.EAST, on=later)[1]
    assert [r.household_id for r in left] == [child.id]
    # A worse need than what was declined is suggested at once.
    fact(secretary_east, child, "minimum_living")
    left = open_suggestions(secretary_east, under=cast.EAST, on=cast.TODAY)[1]
    assert [(r.household_id, r.colour) for r in left] == [(child.id, "red")]


def test_the_daily_run_decides_nothing(secretary_east):
    left_behind()
    fact(secretary_east, elder_alone(), "severe_disability")
    for day in range(3):
        run_daily(cast.NOON + timedelta(days=day))
    assert len(open_suggestions(secretary_east, under=cast.EAST, on=cast.TODAY)[1]) == 2
    assert not Grade.objects.exists()


def test_suggestions_stay_within_reach(
    secretary_east, secretary_west, household_west, data_officer, warden, officer_county
):
    child = left_behind()
    for actor in (secretary_west, data_officer, warden, officer_county):
        assert found(actor) == {}
    assert found(secretary_west, cast.WEST) == {}
    assert list(found(system_actor(cast.COUNTY, "grade.propose"), cast.COUNTY)) == [child.id]


@pytest.mark.parametrize("homes", [1, 3])
def test_suggest_takes_five_queries(homes, secretary_east, django_assert_num_queries):
    for _ in range(homes):
        left_behind()
    with django_assert_num_queries(5):
        assert len(suggest(secretary_east, under=cast.EAST, on=cast.TODAY).rows) == homes


DRAFT = make_table(
    {"title": "草案", "from": date(2027, 1, 1), "source": "县里", "rules": [
        {"code": "A", "colour": "red", "reason": "留守", "when": {"left_behind_child": True}},
        {"code": "B", "colour": "yellow", "reason": "独居", "when": {"elder_alone": True}}]}
)  # fmt: skip


def test_what_if_counts_per_village_and_hides_small_figures(officer_county, secretary_east):
    for _ in range(11):
        elder_alone()
    for grid in (*[cast.WEST_GRID] * 3, cast.EAST_GRID):
        left_behind(grid)
    fact(secretary_east, elder_alone(), "unsafe_house")  # yellow by both
    for grid in (*[cast.WEST_GRID] * 11, *[cast.EAST_GRID] * 11):  # whom nothing changes for
        cast.make_household(grid, members=[{"name": "壮", "born_on": date(1990, 1, 1)}])
    found_ = what_if(officer_county, DRAFT, under=cast.COUNTY, on=cast.TODAY)
    told = {line.code: (line.households, line.more, line.rules) for line in found_.lines}
    assert told == {
        cast.COUNTY: (38, 15, ("＋B",)),
        cast.EAST_TOWN: (24, None, ()), cast.EAST: (24, None, ()),
        cast.WEST_TOWN: (14, None, ()), cast.WEST: (14, None, ()),
    }  # fmt: skip
    # Fifteen less B's eleven would be A's.
    assert [(r.code, n) for r, n in found_.rules] == [("A", None), ("B", None)]


def test_what_if_is_for_who_drafts_rules(secretary_east, officer_town, data_officer):
    left_behind()
    for actor in (secretary_east, officer_town):
        assert what_if(actor, DRAFT, under=cast.COUNTY, on=cast.TODAY).lines == []
    lines = what_if(data_officer, DRAFT, under=cast.COUNTY, on=cast.TODAY).lines
    assert lines[0].households == 1


def run(*args):
    return CliRunner().invoke(main, ["grades", "suggest", *args])


@pytest.mark.skipif(settings.LIANHU_GUARDED, reason="a command comes as the owner")
def test_the_command_tells_suggestions_and_difference(secretary_east, tmp_path):
    child = left_behind()
    answer = run("--place", cast.EAST, "--on", "2026-11-23", "--json")
    shape = json.loads(answer.output)
    assert set(shape) == {
        "place", "on", "rules", "households", "suggestions", "difference",
    }  # fmt: skip
    (row,) = shape["suggestions"]
    assert (row["household_id"], row["present"], row["suggested"], row["more"]) == (
        str(child.id), "green", "yellow", True,
    )  # fmt: skip
    assert shape["difference"] == {
        "households": 1, "by": [{"from": "green", "to": "yellow", "households": 1}],
    }  # fmt: skip
    assert "没有一户建议少帮" in run("--place", cast.EAST).output
    bad = tmp_path / "bad.toml"
    bad.write_text(
        'title="x"\nsource="x"\nfrom=2026-01-01\n[[rules]]\ncode="1"\ncolour="red"\nreason="x"\n'
        "when={religion=true}\n"
    )
    answer = run("--place", cast.EAST, "--rules", str(bad), "--json")
    assert (answer.exit_code, json.loads(answer.output)["code"]) == (
        1,
        "grading.forbidden_fact",
    )
    assert run("--place", "999999", "--json").exit_code == 1


def test_the_default_rules_read_only_facts_that_exist():
    assert len(default_tables()[0].rules) == 26
