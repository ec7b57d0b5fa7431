"""The eight open workbooks match their truth exactly."""

import json
from datetime import date
from pathlib import Path

import pytest

from lianhu.people.register.read import read_register

WORKBOOKS = Path(__file__).parent / "workbooks"
TRUTHS = sorted(WORKBOOKS.glob("*.truth.json"))
MADE_ON = date(2026, 11, 23)


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda path: path.name.partition(".")[0])
def test_a_workbook_matches_its_truth(truth):
    path = truth.with_name(truth.name.removesuffix(".truth.json"))
    found = read_register(path, "610921", today=MADE_ON).as_json()
    assert json.loads(json.dumps(found)) == json.loads(truth.read_text(encoding="utf-8"))


def test_all_eight_are_here():
    assert len(TRUTHS) == 8
