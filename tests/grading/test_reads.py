"""What the judging of households reads, watched while it runs: nothing that is not allowed."""

import re
from collections.abc import Mapping

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from lianhu.grading.queries.evidence import read_homes
from lianhu.grading.queries.suggest import suggest
from lianhu.grading.queries.whatif import what_if
from lianhu.grading.rules.colours import Colour
from lianhu.grading.rules.columns import Column, evaluate
from lianhu.grading.rules.table import default_tables, fact_kinds, suggested
from tests import cast
from tests.grading.helpers import elder_alone, fact
from tests.grading.test_rules import RULES, _some, _value

# Per table the columns that rules may be fed from. A line more here is a decision about people.
MAY_READ = {
    "people_household": {"id", "place_id", "code", "ended_on"},
    # Whether somebody is still there, not how he went: the dead, those who left and duplicates
    # would else keep a widower from being alone. By `id` a fact's person is found for that.
    "people_person": {"id", "household_id", "place_id", "born_on", "residence", "ended_on"},
    "grading_fact": {
        "household_id",
        "person_id",
        "kind",
        "since",
        "until",
        "source",
        "value",
    },
    "grading_grade": {
        "id",
        "household_id",
        "colour",
        "state",
        "starts_on",
        "lapses_on",
    },
    "grading_ruletable": None,  # the rules themselves
    "territory_place": None,  # names of places and their heirs
}


ALIAS = re.compile(r"[UV]\d+")  # a table within a statement about another
ANY = set().union(*(may or () for may in MAY_READ.values()))


class Facts(Mapping[str, object]):
    """The facts of one household that cry out when anything else is asked of them."""

    def __init__(self, facts):
        self.facts = facts

    def _checked(self, name):
        if name not in fact_kinds():
            raise AssertionError(f"a rule read {name}")
        return name

    def __getitem__(self, name):
        return self.facts[self._checked(name)]

    def __contains__(self, name):
        return self._checked(name) in self.facts

    def __iter__(self):
        raise AssertionError("all facts were read at once")

    def __len__(self):
        return len(self.facts)


@given(RULES, _some(_value), st.sampled_from(list(Colour)))
def test_rules_read_only_facts_that_are_allowed(rules, facts, present):
    assert suggested(rules, Facts(facts), present) == suggested(rules, facts, present)


def test_the_watch_can_fail():
    with pytest.raises(AssertionError, match="religion"):
        "religion" in Facts({})  # noqa: B015
    with pytest.raises(AssertionError, match="all facts"):
        list(Facts({}))


class Columns(Mapping[str, Column]):
    """The same for columns of many households."""

    def __init__(self, columns):
        self.columns = columns

    def __getitem__(self, name):
        if name not in fact_kinds():
            raise AssertionError(f"a rule read {name}")
        return self.columns[name]

    def __iter__(self):
        raise AssertionError("all columns were read at once")

    def __len__(self):
        return len(self.columns)


def strange(queries) -> set[str]:
    """Columns in these statements that are not allowed, as table.column."""
    found = set()
    for query in queries:
        for table, column in re.findall(r'"(\w+)"\."(\w+)"', query["sql"]):
            may = ANY if ALIAS.fullmatch(table) else MAY_READ.get(table, set())
            if may is not None and column not in may:
                found.add(f"{table}.{column}")
    return found


def test_judging_a_village_reads_no_other_column(secretary_east, officer_county):
    alone = elder_alone()
    fact(secretary_east, alone, "severe_disability")
    with CaptureQueriesContext(connection) as seen:
        found = suggest(secretary_east, under=cast.EAST, on=cast.TODAY)
        what_if(officer_county, default_tables()[-1], under=cast.COUNTY, on=cast.TODAY)
    assert [row.household_id for row in found.rows] == [alone.id]
    assert len(seen.captured_queries) > 5
    assert strange(seen.captured_queries) == set()


def test_the_columns_are_asked_for_allowed_facts_alone(secretary_east):
    fact(secretary_east, elder_alone(), "severe_disability")
    homes = read_homes(secretary_east, "grade.propose", under=cast.EAST, on=cast.TODAY)
    rules = default_tables()[-1].rules
    owed, _ = evaluate(rules, Columns(homes.columns), homes.present)
    assert owed.tolist() == evaluate(rules, homes.columns, homes.present)[0].tolist()
    with pytest.raises(AssertionError, match="petitions"):
        Columns(homes.columns).get("petitions")


def test_that_watch_can_fail(secretary_east, household):
    from lianhu.people.models import Person  # noqa: PLC0415

    with CaptureQueriesContext(connection) as seen:
        list(Person.objects.values_list("name", "born_on"))
    assert strange(seen.captured_queries) == {"people_person.name"}
