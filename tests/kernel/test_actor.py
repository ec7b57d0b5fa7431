"""Who holds which verb where, identifiers, prefixes and dated rules."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import in_force
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.ids import ALPHABET, follow_code, uuid7
from lianhu.kernel.ranges import prefix_range

LI = Actor(UUID(int=1), "李", {"matter.read": ("610921104200", "610921107")})


@pytest.mark.parametrize(
    ("verb", "place", "held"),
    [
        ("matter.read", "610921104200", True),
        ("matter.read", "61092110420003002", True),
        ("matter.read", "610921104201", False),
        ("matter.read", "610921104", False),  # the town is wider than the village
        ("matter.read", "610921107200", True),
        ("matter.read", "", True),  # anywhere
        ("matter.close", "610921104200", False),
        ("matter.close", "", False),
    ],
)
def test_holds_covers_the_subtree_and_nothing_wider(verb, place, held):
    assert LI.holds(verb, place) is held


def test_require_refuses_with_the_code_asked_for():
    with pytest.raises(NotPermitted) as refused:
        LI.require("matter.read", "610921", code="place.not_found")
    assert refused.value.code == "place.not_found"


def test_home_is_the_widest_place():
    assert LI.home == "610921107"
    assert Actor(UUID(int=2), "空").home == ""


def test_an_actor_without_scopes_holds_nothing():
    assert not Actor(UUID(int=2), "空").holds("matter.read")


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("610921", ("610921", "610922")),
        ("610921104299", ("610921104299", "610921104300")),
        ("009", ("009", "010")),
    ],
)
def test_prefix_range_ends_before_the_next_number(prefix, expected):
    assert prefix_range(prefix) == expected


@pytest.mark.parametrize(
    "prefix", ["", "61092x", "六一零", "1e5", " 610921", "6_1", "-61", "²"]
)
def test_prefix_range_refuses_what_is_no_code(prefix):
    with pytest.raises(Refusal) as refused:
        prefix_range(prefix)
    assert refused.value.code == "place.not_found"


@given(st.text("0123456789", min_size=1, max_size=17), st.text("0123456789", max_size=6))
def test_prefix_range_holds_exactly_the_texts_that_begin_so(prefix, rest):
    if set(prefix) == {"9"}:
        return
    first, end = prefix_range(prefix)
    assert first <= prefix + rest < end
    assert not first <= str(int(prefix) + 1).zfill(len(prefix)) + rest < end


@pytest.mark.parametrize("code", ["9", "99", "999999"])
def test_prefix_range_of_nines_still_holds_them(code):
    first, end = prefix_range(code)
    assert first <= code < end


def test_uuid7_is_version_7_and_sorts_by_time():
    ids = [uuid7() for _ in range(50)]
    assert {(i.version, i.variant) for i in ids} == {(7, "specified in RFC 4122")}
    assert len(set(ids)) == 50
    assert ids[0].int >> 80 <= ids[-1].int >> 80


def test_follow_code_is_ten_signs_that_survive_the_telephone():
    codes = {follow_code() for _ in range(200)}
    assert len(codes) == 200
    assert {len(c) for c in codes} == {10}
    assert set("".join(codes)) <= set(ALPHABET)
    assert not set("ILOU") & set(ALPHABET)


VERSIONS = [{"from": date(2026, 1, 1), "n": 1}, {"from": date(2026, 7, 1), "n": 2}]


@pytest.mark.parametrize(
    ("day", "number"),
    [
        ("2025-01-01", 1),
        ("2026-01-01", 1),
        ("2026-06-30", 1),
        ("2026-07-01", 2),
        ("2030-01-01", 2),
    ],
)
def test_in_force_takes_the_latest_not_after_the_day(day, number):
    assert in_force(VERSIONS, date.fromisoformat(day))["n"] == number
