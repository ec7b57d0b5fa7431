"""Findings packed for keeping and taken out again."""

from lianhu.people.register.findings import Person, Problem, Register
from lianhu.people.register.packs import CHUNK, Found, pack, unpack


def _person(row: int) -> Person:
    return Person(
        "人口", row, row // 4 + 1, f"张{row}", None, row % 4 == 0, "户主" if row % 4 == 0 else None,
        "1", "1970-01-02", "01", "610921100201", ["10012345678"], row % 2 == 0 or None,
    )  # fmt: skip


def _found(rows: int) -> Found:
    persons = [_person(row) for row in range(1, rows + 1)]
    problems = [Problem("人口", 3, "phones", "bad_phone")]
    return Found(
        Register("册", True, [("人口", [1])], persons, problems), cells={"3/phones/人口": "无"}
    )


def test_what_was_packed_comes_out_as_it_was_in_every_line():
    found = _found(CHUNK * 2 + 7)
    assert unpack(pack(found)) == found
    assert len(found.register.rows) == CHUNK * 2 + 7  # packing took nothing away


def test_a_register_without_rows_comes_out_as_it_was():
    found = _found(0)
    assert unpack(pack(found)) == found


def test_what_many_rows_say_is_kept_once():
    rows = unpack(pack(_found(CHUNK + 9))).register.rows
    for field in ("sheet", "village_code", "group_code_suffix", "birth"):
        assert len({id(getattr(person, field)) for person in rows}) == 1, field
    assert {id(p.relation) for p in rows if p.relation} == {id(rows[3].relation)}


def test_a_page_has_its_names_and_counts_without_the_rows():
    found = unpack(pack(_found(CHUNK + 9)), rows=False)
    assert found.register.rows == []
    assert (found.persons, found.named) == ({"人口": CHUNK + 9}, {"人口": {3: "张3"}})
    assert found.register.problems == _found(3).register.problems


def test_what_was_packed_before_pages_had_their_counts_is_counted_now(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Found, "count", lambda _: None)
        packed = pack(_found(9))
    found = unpack(packed, rows=False)
    assert (found.persons, found.named) == ({"人口": 9}, {"人口": {3: "张3"}})
