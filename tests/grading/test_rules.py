"""What a table may say, how it is judged, and that it never asks for less help."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianhu.grading.rules.colours import BY_ORDER, ORDER, Colour, months_after
from lianhu.grading.rules.columns import Column, evaluate
from lianhu.grading.rules.table import (
    Rule,
    default_tables,
    fact_kinds,
    holds,
    is_forbidden,
    make_table,
    matching,
    read_table,
    suggested,
    table_content,
    table_from,
    write_table,
)
from lianhu.kernel.errors import Refusal

ROW = {"code": "A1", "colour": "red", "reason": "独居", "when": {"elder_alone": True}}


def table(**changes: Any) -> dict[str, Any]:
    """A small table with one row changed."""
    return {"title": "试", "from": date(2026, 1, 1), "source": "试", "rules": [ROW | changes]}


def code_of(content: dict[str, Any]) -> str:
    """How a table is refused."""
    with pytest.raises(Refusal) as refused:
        make_table(content)
    return refused.value.code


def test_the_default_table_is_ours_and_says_so():
    (ours,) = default_tables()
    assert ours.label.startswith("Lianhu 默认值，不是汉阴县的标准")
    assert {r.colour for r in ours.rules} == {Colour.YELLOW, Colour.RED}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"colour": "green"}, "grading.bad_rule"),
        ({"colour": "black"}, "grading.bad_rule"),
        ({"when": {}}, "grading.bad_rule"),
        ({"when": {"elder_alone": False}}, "grading.bad_rule"),
        ({"when": {"children": 0}}, "grading.bad_rule"),
        ({"when": {"children": True}}, "grading.bad_rule"),
        ({"when": {"income_band": []}}, "grading.bad_rule"),
        ({"when": {"income_band": ["rich"]}}, "grading.bad_rule"),
        ({"when": {"shoe_size": 44}}, "grading.unknown_fact"),
        ({"when": {"religion": True}}, "grading.forbidden_fact"),
        ({"when": {"petitionCount": 1}}, "grading.forbidden_fact"),
        ({"when": {"民族": True}}, "grading.forbidden_fact"),
        ({"when": {"neighbour_votes": 3}}, "grading.forbidden_fact"),
        ({"when": {"open_matters": 3}}, "grading.forbidden_fact"),
        ({"reason": "经常上访"}, "grading.forbidden_fact"),
        ({"points": -5}, "grading.forbidden_fact"),
        ({"weight": 2}, "grading.unknown_fact"),
        ({"code": ""}, "grading.bad_rule"),
    ],
)
def test_make_table_refuses(changes, code):
    assert code_of(table(**changes)) == code


def test_make_table_refuses_a_broken_whole():
    assert code_of({**table(), "rules": []}) == "grading.bad_table"
    assert code_of({**table(), "from": "gestern"}) == "grading.bad_table"
    assert code_of({**table(), "source": ""}) == "grading.bad_table"
    assert code_of({**table(), "rules": [ROW, ROW]}) == "grading.bad_rule"
    assert code_of({**table(), "rules": [ROW] * 201}) == "grading.too_many_rules"
    assert code_of({**table(), "信访": 1}) == "grading.forbidden_fact"
    for text in ("a = ", b"\xff\xfe"):
        with pytest.raises(Refusal) as refused:
            read_table(text)
        assert refused.value.code == "grading.unreadable"


def test_no_fact_that_exists_is_forbidden():
    assert [name for name, f in fact_kinds().items() if is_forbidden(name + f["name"])] == []


@pytest.mark.parametrize(
    ("value", "wanted", "answer"),
    [(True, True, True), (False, True, False), (3, 3, True), (2, 3, False),
     ("low", ("lowest", "low"), True), ("fair", ("low",), False)],
)  # fmt: skip
def test_holds_as_the_condition_wants_it(value, wanted, answer):
    assert holds(value, wanted) is answer


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [(date(2026, 1, 31), 1, date(2026, 2, 28)), (date(2028, 2, 29), 12, date(2029, 2, 28)),
     (date(2026, 11, 25), 12, date(2027, 11, 25)), (date(2026, 12, 31), 2, date(2027, 2, 28))],
)  # fmt: skip
def test_months_after_stays_in_the_month(day, months, after):
    assert months_after(day, months) == after


def _wanted(name: str) -> st.SearchStrategy[Any]:
    kind = fact_kinds()[name]
    if kind["kind"] == "yes":
        return st.just(True)
    if kind["kind"] == "number":
        return st.integers(1, 6)
    return st.lists(st.sampled_from(sorted(kind["words"])), min_size=1, unique=True).map(tuple)


def _value(name: str) -> st.SearchStrategy[Any]:
    kind = fact_kinds()[name]
    if kind["kind"] == "yes":
        return st.booleans()
    return (
        st.integers(0, 6)
        if kind["kind"] == "number"
        else st.sampled_from(sorted(kind["words"]))
    )


def _some(one: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={name: one(name) for name in fact_kinds()})


RULES = st.lists(
    st.builds(
        Rule,
        code=st.uuids().map(lambda u: u.hex[:12]),
        colour=st.sampled_from([Colour.YELLOW, Colour.RED]),
        reason=st.text("需要人帮\"\\'\n", min_size=1, max_size=9),
        when=_some(_wanted).filter(bool).map(lambda d: tuple(list(d.items())[:3])),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda r: r.code,
)  # fmt: skip
HOMES = st.lists(st.tuples(_some(_value), st.sampled_from(list(Colour))), max_size=6)


def columns_of(homes: list[dict[str, Any]]) -> dict[str, Column]:
    """Facts of homes as columns."""
    found = {}
    for name in fact_kinds():
        values = tuple(dict.fromkeys(h[name] for h in homes if name in h))
        codes = [values.index(h[name]) if name in h else -1 for h in homes]
        found[name] = Column(values, np.array(codes, dtype=np.int16))
    return found


@given(RULES, HOMES)
def test_the_columns_say_what_the_plain_rules_say_and_never_less_help(rules, homes):
    present = np.array([ORDER[now] for _, now in homes], dtype=np.int8)
    owed, hits = evaluate(rules, columns_of([f for f, _ in homes]), present)
    assert [BY_ORDER[o] for o in owed] == [suggested(rules, f, now) for f, now in homes]
    assert all(owed >= present)
    for number, (facts, _) in enumerate(homes):
        plain = [r.code for r in matching(rules, facts)]
        assert [r.code for r, hit in zip(rules, hits, strict=True) if hit[number]] == plain


@given(RULES, _some(_value), _some(_value), st.sampled_from(list(Colour)))
def test_one_more_need_never_brings_less_help(rules, facts, more, now):
    grown = dict(facts)
    for name, value in more.items():
        if value is True or (type(value) is int and value >= grown.get(name, 0)):
            grown[name] = value
    before, after = suggested(rules, facts, now), suggested(rules, grown, now)
    assert ORDER[after] >= ORDER[before] >= ORDER[now]


@given(RULES)
def test_a_table_read_back_is_the_same(rules):
    whole = make_table({**table(), "rules": [ROW]})
    whole = type(whole)(whole.title, 'a"b\\c', whole.since, whole.source, tuple(rules))
    tidy = [r for r in rules if r.reason.strip() and not is_forbidden(r.reason)]
    whole = type(whole)(whole.title, whole.label, whole.since, whole.source, tuple(tidy))
    if tidy:
        assert read_table(write_table(whole)) == whole
        assert table_from(table_content(whole)) == whole
