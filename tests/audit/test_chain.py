"""The chain of seals: made after the fact, and no truncation, edit or re-chaining goes unseen."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from lianhu.audit import rules, sealing, signing
from lianhu.audit.actions import record
from lianhu.audit.life import begin_epoch
from lianhu.audit.models import Entry, Seal
from lianhu.audit.reading import read_lines
from lianhu.audit.rules import line, ranges_of, seal_hash
from lianhu.audit.sealing import head_of, latest_head, seal_all, seal_some
from lianhu.audit.verifying import verify_ledger, walk
from tests import cast


def _write(actor, number=1, **facts):
    for _ in range(number):
        record(actor, "matter.accept", "matter", actor.id, cast.EAST, at=cast.NOON, **facts)


@pytest.fixture
def ledger(secretary_east):
    """Seven entries in three seals, and two that nobody sealed yet."""
    Entry.objects.all().delete()
    signing.head_file().unlink(missing_ok=True)
    for number in (3, 2, 2):
        _write(secretary_east, number)
        assert seal_all(at=cast.NOON) == number
    _write(secretary_east, 2)
    return secretary_east


def _codes(*heads):
    return [fault.code for fault in verify_ledger(heads=heads).faults]


def _rechain():
    """What somebody with the database does who wants the chain to fit again; no key."""
    before = rules.GENESIS
    for seal in Seal.objects.order_by("number"):
        ids = {n for a, b in seal.ranges for n in range(a, b + 1)}
        lines = [text for number, text in read_lines(seal.ranges) if number in ids]
        seal.hash = before = seal_hash(before, seal.number, seal.ranges, lines)
        seal.save()


def _sign_again():
    """What somebody with the key does besides."""
    for seal in Seal.objects.order_by("number"):
        seal.signature = signing.sign(head_of(seal).message())
        seal.save()


def test_seal_numbers_have_no_gaps_and_everything_is_told(ledger):
    found = verify_ledger()
    assert (found.good, found.seals, found.entries, found.unsealed) == (True, 3, 7, 2)
    assert list(Seal.objects.order_by("number").values_list("number", "entries")) == [
        (1, 3), (2, 5), (3, 7),
    ]  # fmt: skip


def test_seal_nothing_new_makes_no_seal(ledger):
    assert seal_all(at=cast.NOON) == 2
    assert seal_all(at=cast.NOON) == 0
    assert Seal.objects.count() == 4


def test_seal_in_bulk_in_several_seals(ledger):
    _write(ledger, 9)
    assert [seal_some(at=cast.NOON, most=4) for _ in range(4)] == [4, 4, 3, 0]
    assert verify_ledger().good


def test_a_seal_of_a_database_that_was_replaced_meanwhile_is_not_made(ledger, monkeypatch):
    real = sealing.remember

    def restored_now(ranges):
        real(ranges)
        begin_epoch()

    monkeypatch.setattr(sealing, "remember", restored_now)
    assert seal_some(at=cast.NOON) == 0
    monkeypatch.undo()
    assert Seal.objects.count() == 3
    assert seal_all(at=cast.NOON) == 2
    assert verify_ledger().good


def test_an_edit_is_found(ledger):
    target = Entry.objects.order_by("id")[4]
    Entry.objects.filter(id=target.id).update(actor_name="别人")
    assert _codes() == ["audit.edited"]
    assert verify_ledger().faults[0].seal == 2


@pytest.mark.parametrize(
    "change",
    [
        {"facts": {"words": "改了"}},
        {"at": cast.NOON + timedelta(microseconds=1)},
        {"place_id": cast.WEST},
        {"row_class": "about_official"},
    ],
)
def test_an_edit_of_any_column_is_found(ledger, change):
    Entry.objects.filter(id=Entry.objects.order_by("id")[0].id).update(**change)
    assert _codes() == ["audit.edited"]


def test_a_deleted_entry_is_found(ledger):
    Entry.objects.order_by("id")[1].delete()
    assert _codes() == ["audit.deleted"]


def test_an_entry_put_in_later_is_found(ledger):
    first = Entry.objects.order_by("id")[0]
    first.id = first.id - 1
    first.save(force_insert=True)
    assert _codes() == ["audit.forged"]


def test_a_missing_seal_is_found(ledger):
    Seal.objects.filter(number=2).delete()
    assert _codes() == ["audit.gap"]


def test_a_rechained_edit_is_found_without_the_key(ledger):
    """An attacker with the database but not the key."""
    Entry.objects.filter(id=Entry.objects.order_by("id")[0].id).update(actor_name="别人")
    _rechain()
    assert _codes() == ["audit.bad_signature"]


def test_a_truncation_is_found_by_the_head_kept_beside_the_keys(ledger):
    """An attacker with the database but not the machine's files."""
    last = Seal.objects.get(number=3)
    Entry.objects.filter(id__gte=last.ranges[0][0]).delete()
    last.delete()
    assert _codes() == []  # by the database alone nothing is wrong
    assert _codes(signing.read_head(signing.head_file())) == ["audit.truncated"]


def test_everything_rewritten_with_the_key_is_found_by_a_head_elsewhere(ledger, tmp_path):
    """An attacker with database, machine and key; only the copied head is out of his reach."""
    copy = tmp_path / "head.json"
    signing.write_head(latest_head(), copy)
    Entry.objects.filter(id=Entry.objects.order_by("id")[0].id).update(actor_name="别人")
    _rechain()
    _sign_again()
    signing.write_head(latest_head(), signing.head_file())
    assert _codes(signing.read_head(signing.head_file())) == []
    assert _codes(signing.read_head(copy)) == ["audit.rechained"]


def test_a_truncation_with_the_key_is_found_by_a_head_elsewhere(ledger):
    elsewhere = latest_head()
    last = Seal.objects.get(number=3)
    Entry.objects.filter(id__gte=last.ranges[0][0]).delete()
    last.delete()
    _write(ledger, 1)
    seal_all(at=cast.NOON + timedelta(hours=1))
    assert _codes() == []
    assert _codes(elsewhere) == ["audit.rechained"]


def test_an_anchor_that_was_edited_is_refused(ledger):
    assert _codes(replace(latest_head(), entries=6)) == ["audit.bad_anchor"]


def test_an_anchor_stays_good_as_the_ledger_grows(ledger):
    anchor = latest_head()
    seal_all(at=cast.NOON)
    assert _codes(anchor) == []


def test_parts_verify_what_the_whole_does(ledger):
    assert walk(1, 1) + walk(2, 3) == []
    Entry.objects.filter(id=Entry.objects.order_by("id")[4].id).update(verb="x")
    assert [f.seal for f in walk(1, 1) + walk(2, 3)] == [2]


def test_the_paper_line_holds_number_count_and_whole_hash(ledger):
    head = latest_head()
    assert head.paper().replace(" ", "").endswith(f"第3封7条{head.hash}")


def test_line_is_the_same_bytes_on_both_databases(db):
    """Frozen: a database that writes one byte otherwise could not verify the other's backup."""
    entry = Entry.objects.create(
        id=7, at=datetime(2026, 11, 23, 4, 0, 0, 120, tzinfo=UTC),
        actor_id="019364a0-7c1e-7a52-9d41-3f0c5a2b1e77", actor_name="李\x1f“东”",
        verb="matter.accept", object_kind="matter", object_id="x", place_id=cast.EAST,
        facts={"z": 1, "中": [1e16, 1.5, 100.0, -0.0, True, None], "a": {"c": "\n/", "b": 2}},
    )  # fmt: skip
    assert dict(read_lines([(7, 7)]))[entry.id].decode() == (
        '[7,"2026-11-23 04:00:00.000120","019364a07c1e7a529d413f0c5a2b1e77","李\\u001f“东”",'
        '"matter.accept","matter","x","610921104200","ordinary",'
        '{"a":{"b":2,"c":"\\n/"},"z":1,"中":[1e16,1.5,100,0,true,null]}]'
    )


def test_line_of_a_whole_second_has_its_microseconds(db):
    Entry.objects.create(
        id=8, at=cast.NOON, actor_id="019364a0-7c1e-7a52-9d41-3f0c5a2b1e77", actor_name="李",
        verb="v", object_kind="k", object_id="x", place_id=cast.EAST,
    )  # fmt: skip
    assert b'"2026-11-23 04:00:00.000000"' in dict(read_lines([(8, 8)]))[8]


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | FLOATS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.django_db
@given(JSON)
def test_facts_are_those_of_the_database(value):
    raw = json.dumps({"v": value})
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT (%s::jsonb)::text", [raw])
            kept = cursor.fetchone()[0]
    else:
        kept = json.dumps(json.loads(raw), indent=1)
    assert line((1, kept)) == line((1, raw))


@given(st.sets(st.integers(1, 60)))
def test_ranges_hold_exactly_the_ids(ids):
    ranges = ranges_of(sorted(ids))
    assert {n for a, b in ranges for n in range(a, b + 1)} == ids
    assert all(b + 1 < c for (_, b), (c, _) in pairwise(ranges))
