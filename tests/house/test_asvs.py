"""The page about ASVS has every requirement once, and claims nothing that no test shows."""

import ast
import re
from collections import Counter
from functools import cache

from tests.house.files import ROOT

PAGE = ROOT / "docs" / "reference" / "asvs.md"
NUMBERS = ROOT / "tests" / "house" / "asvs_5_0_0.txt"
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
STATES = {"holds", "deviates", "does not apply", "not shown"}


def rows(text: str) -> list[list[str]]:
    """Number, level, about, state and where of each row."""
    lines = [line for line in text.splitlines() if re.match(r"\| \d", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def required() -> dict[str, str]:
    """Every requirement of levels 1 and 2 with its level."""
    lines = NUMBERS.read_text().splitlines()
    return dict(line.split() for line in lines if not line.startswith("#"))


@cache
def names_in(path: str) -> set[str]:
    file = ROOT / path
    if not file.is_file():
        return set()
    tree = ast.parse(file.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def faults(row: list[str]) -> list[str]:
    """What is wrong with one row."""
    number, level, about, state, where = row
    found = []
    if state not in STATES:
        found.append(f"{number}: {state}")
    if required().get(number) != level:
        found.append(f"{number}: level {level}")
    if not about or not where:
        found.append(f"{number}: says nothing")
    named = TEST.findall(where)
    if state == "holds" and not named:
        found.append(f"{number}: no test")
    gone = [f"{path}::{name}" for path, name in named if name not in names_in(path)]
    return found + [f"{number}: {test} is not there" for test in gone]


def test_every_requirement_has_one_row():
    counted = Counter(row[0] for row in rows(PAGE.read_text()))
    assert set(counted) == set(required())
    assert [number for number, times in counted.items() if times > 1] == []
    assert len(required()) == 253


def test_every_row_says_how_it_is_and_what_holds_names_a_test():
    assert [fault for row in rows(PAGE.read_text()) for fault in faults(row)] == []


def test_the_figures_are_those_of_the_rows():
    text = PAGE.read_text()
    states = Counter(row[3] for row in rows(text))
    told = re.search(
        r"Of (\d+) requirements (\d+) hold, (\d+) deviate, (\d+) do not apply and (\d+) are not",
        text,
    )
    assert [int(n) for n in told.groups()] == [
        sum(states.values()), states["holds"], states["deviates"], states["does not apply"],
        states["not shown"],
    ]  # fmt: skip


def test_the_rule_about_rows_can_fail():
    good = [
        "1.2.4",
        "1",
        "no SQL",
        "holds",
        "`tests/house/test_asvs.py::test_every_requirement_has_one_row`",
    ]
    assert faults(good) == []
    for place, bad in (
        (1, "2"),
        (2, ""),
        (3, "maybe"),
        (4, "see there"),
        (4, "`tests/x.py::test_y`"),
    ):
        assert faults([*good[:place], bad, *good[place + 1 :]]), bad
