"""The page of threats claims nothing that no test shows."""

import ast
import re

from tests.house.files import ROOT

PAGE = ROOT / "docs" / "explanation" / "threats.md"
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def _rows():
    return [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]


def _tests_in(path):
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_control_names_a_test_that_is_there():
    rows = [row for row in _rows() if not row.startswith("| who |")]
    assert len(rows) > 20
    for row in rows:
        named = TEST.findall(row.rsplit("|", 2)[1])
        assert named, row
        for path, name in named:
            assert (ROOT / path).is_file(), path
            assert not name or name in _tests_in(path), f"{path}::{name}"


def test_no_test_is_named_in_part():
    assert "…" not in PAGE.read_text()
