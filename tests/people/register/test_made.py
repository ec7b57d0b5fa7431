"""Registers made at random, layouts by dirt, match the truth that was noted as they were made."""

from datetime import date

import pytest

from lianhu.people.register.read import read_register
from tests.people.register.making import Maker

TODAY = date(2026, 11, 23)
SEEDS = 60


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_made_register_is_read_as_it_was_made(tmp_path, seed):
    maker = Maker(seed, tmp_path)
    made = maker.write()
    found = read_register(made.path, today=TODAY)
    assert found.readable
    assert found.header_rows[0][1] == made.headers
    rows = {person.row: person for person in found.rows}
    assert sorted(rows) == [truth["row"] for truth in made.accepted]
    for truth in made.accepted:
        person = rows[truth["row"]]
        assert {key: getattr(person, key) for key in truth} == truth
    problems = {(p.row, p.field, p.kind) for p in found.problems}
    assert problems == made.problems
