"""Everything is sealed and indexed anew under a new version; nothing is lost, nothing is hidden."""

import stat
from dataclasses import replace

import pytest
from django.utils import timezone

from lianhu.audit.models import Entry
from lianhu.keeping.actions import reseal as resealing
from lianhu.keeping.actions import rotate as rotating
from lianhu.keeping.actions.retire import bring_back, listed, retire
from lianhu.keeping.actions.rotate import rotate
from lianhu.keeping.sealed import find_key_faults, needs, used_versions
from lianhu.kernel.errors import Refusal
from lianhu.kernel.keyring import make_ring, read_content, ring, write_content
from lianhu.people.models import Person, PersonKey
from lianhu.people.queries import find_by_id_number
from lianhu.people.queries.duplicates import find_duplicates
from tests import cast
from tests.keeping.filled import fill, read_all

AT = {"at": cast.NOON}
QUICK = {**AT, "grace": 0.0, "pause": 0.0}


@pytest.fixture
def path(settings, tmp_path):
    settings.LIANHU_KEYS = tmp_path / "keys.json"
    make_ring(settings.LIANHU_KEYS)
    return settings.LIANHU_KEYS


@pytest.fixture
def filled(path, warden, secretary_east, data_officer):
    fill(warden, secretary_east, data_officer)


def _numbers() -> dict[str, list[str]]:
    return {p.name: [p.id_number] for p in Person.objects.all() if p.id_number}


def _find_all(actor) -> set[str]:
    """Who is found by his ID number."""
    return {
        name
        for name, [number] in _numbers().items()
        if [p.name for p in find_by_id_number(actor, number)] == [name]
    }


@pytest.mark.parametrize("suite", ["aes", "sm4"])
def test_rotate_keeps_every_value_readable_and_findable(
    filled, settings, secretary_east, suite
):
    settings.LIANHU_SUITE = suite
    before, old = read_all(), {bytes(p.id_index) for p in Person.objects.all()}
    values = sum(need.values for need in needs())
    done = rotate(**QUICK)
    assert (done.version, done.suite, done.resumed, done.left) == (2, suite, False, 0)
    assert read_all() == before
    assert used_versions() == {2}
    assert sum(need.values for need in needs()) == values
    assert ring().newest.suite.name == suite
    assert _find_all(secretary_east) == {"刘0林", "刘1林", "刘2林", "陈大山"}
    assert old & {bytes(p.id_index) for p in Person.objects.exclude(id_index=b"")} == set()
    entry = Entry.objects.filter(verb="keys.rotate").get()
    assert (entry.object_id, entry.facts) == ("2", {"rows": done.rows, "left": 0, "lost": 0})


def test_rotate_twice_makes_two_versions(filled):
    assert [rotate(**QUICK).version for _ in range(2)] == [2, 3]


def test_rotate_goes_on_where_it_was_cut_off_and_look_ups_find_both(
    filled, monkeypatch, secretary_east
):
    before = read_all()
    monkeypatch.setattr(
        rotating, "TABLES", [replace(table, chunk=1) for table in rotating.TABLES]
    )
    seen = 0

    def cut(part: str, step: int) -> None:
        nonlocal seen
        seen += step
        if seen == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate(**QUICK, told=cut)
    assert used_versions() == {1, 2}
    assert read_all() == before
    assert _find_all(secretary_east) == {"刘0林", "刘1林", "刘2林", "陈大山"}
    assert {bytes(p.id_index)[1] for p in Person.objects.exclude(id_index=b"")} == {1, 2}
    done = rotate(**QUICK)
    assert (done.version, done.resumed, done.left) == (2, True, 0)
    assert (used_versions(), read_all()) == ({2}, before)


def test_rotate_takes_up_a_version_that_was_made_and_not_yet_used(filled, monkeypatch):
    def cut(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(rotating.time, "sleep", cut)
    with pytest.raises(KeyboardInterrupt):
        rotate(**QUICK)
    assert (ring().newest.number, sorted(ring().versions)) == (1, [1, 2])
    monkeypatch.undo()
    done = rotate(**QUICK)
    assert (done.version, done.resumed, sorted(ring().versions)) == (2, True, [1, 2])
    assert used_versions() == {2}


def test_rotate_makes_another_when_the_one_not_yet_used_is_of_another_suite(
    filled, monkeypatch, settings
):
    def cut(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(rotating.time, "sleep", cut)
    with pytest.raises(KeyboardInterrupt):
        rotate(**QUICK)
    monkeypatch.setattr(rotating.time, "sleep", lambda seconds: None)
    settings.LIANHU_SUITE = "sm4"
    done = rotate(**QUICK)
    assert (done.version, done.suite, done.resumed, used_versions()) == (3, "sm4", False, {3})


def test_rotate_loses_nobodys_change_and_leaves_it_to_the_next_pass(filled, monkeypatch):
    """Somebody gives a new number between our reading and our writing."""
    person = Person.objects.exclude(id_index=b"").order_by("id").first()
    honest, tried = resealing._made, []

    def meanwhile(table, version, row, keys):
        if table.label == "people.Person" and not tried:
            tried.append(row)
            changed = Person.objects.get(id=person.id)
            changed.set_phone("13700001111")
            changed.save()
        return honest(table, version, row, keys)

    monkeypatch.setattr(resealing, "_made", meanwhile)
    done = rotate(**QUICK)
    again = Person.objects.get(id=person.id)
    assert (again.phone, again.id_number) == ("13700001111", person.id_number)
    assert (done.left, used_versions()) == (0, {2})


def test_rotate_takes_along_an_index_of_another_version_than_its_value(filled, path):
    person = Person.objects.exclude(id_index=b"").order_by("id").first()
    rotate(**QUICK)
    Person.objects.filter(id=person.id).update(id_index=person.id_index)
    assert [(n.column, n.version, n.values) for n in needs() if n.version == 1] == [
        ("id_index", 1, 1)
    ]
    with pytest.raises(Refusal) as refused:
        retire(1, **AT)
    assert refused.value.code == "keys.needed"
    done = rotate(**QUICK)
    assert (done.version, done.rows, used_versions()) == (2, 1, {2})


def test_rotate_refuses_while_another_one_runs(filled):
    with rotating.alone(), pytest.raises(Refusal) as refused:
        rotate(**QUICK)
    assert refused.value.code == "keys.busy"


def test_rotate_refuses_when_values_need_a_version_that_is_gone(filled, path):
    rotate(**QUICK)
    content = read_content(path)
    moved = content["versions"].pop("2")
    content["versions"]["3"] = moved
    write_content(path, content | {"current": 3})
    with pytest.raises(Refusal) as refused:
        rotate(**QUICK)
    assert (refused.value.code, refused.value.details) == ("keys.no_version", {"number": 2})


def test_a_ring_of_the_earlier_form_is_rotated_away(
    settings, tmp_path, warden, secretary_east, data_officer
):
    """What an earlier version wrote, byte for byte, becomes what this one writes."""
    import hashlib  # noqa: PLC0415
    import hmac  # noqa: PLC0415

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    settings.LIANHU_KEYS = tmp_path / "keys.json"
    key, index, nonce = b"k" * 32, b"i" * 32, b"n" * 12
    settings.LIANHU_KEYS.write_text(
        f'{{"current": 1, "keys": {{"1": "{key.hex()}"}}, "index": "{index.hex()}",'
        f' "ledger": "{"22" * 32}"}}'
    )
    cast.make_household()
    person = Person.objects.get()
    number, cipher = person.id_number, AESGCM(key)
    person.id_sealed = (
        b"\x01"
        + nonce
        + cipher.encrypt(nonce, number.encode(), f"person.id.{person.id}".encode())
    )
    person.id_index = hmac.digest(index, f"person.id:{number}".encode(), hashlib.sha256)[:16]
    person.save()
    assert [p.id for p in find_by_id_number(secretary_east, number)] == [person.id]
    assert find_key_faults() == []
    assert rotate(**QUICK).left == 0
    again = Person.objects.get()
    assert (again.id_number, bytes(again.id_index)[:2]) == (number, b"\x00\x02")
    assert used_versions() == {2}
    retire(1, **AT)
    assert [p.id for p in find_by_id_number(secretary_east, number)] == [person.id]


def test_who_is_registered_twice_is_found_after_a_rotation(filled, secretary_east):
    number = cast.make_id_number(5)
    for name in ("甲", "乙"):
        cast.make_household(head=name, members=[{"name": "同一人", "relation": "20",
                                                 "id_number": number}])  # fmt: skip
    rotate(**QUICK)
    [found] = [g for g in find_duplicates(secretary_east, cast.EAST) if g.why == "id_number"]
    assert {p.name for p in found.persons} == {"同一人"}


def test_retire_puts_a_version_aside_once_nothing_needs_it(filled, path):
    first = read_content(path)["versions"]["1"]["secret"]
    with pytest.raises(Refusal) as refused:
        retire(1, **AT)
    assert refused.value.code == "keys.in_use"
    rotate(**QUICK)
    aside = retire(1, **AT)
    assert set(read_content(path)["versions"]) == {"2"}
    assert first not in path.read_text()
    assert first in aside.read_text()
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    assert Entry.objects.filter(verb="keys.retire", object_id="1").exists()
    with pytest.raises(Refusal) as refused:
        retire(1, **AT)
    assert refused.value.code == "keys.no_version"


def test_retire_refuses_while_one_value_needs_the_version(filled):
    key = PersonKey.objects.order_by("person").first()
    rotate(**QUICK)
    PersonKey.objects.filter(person=key.person_id).update(key_sealed=key.key_sealed)
    with pytest.raises(Refusal) as refused:
        retire(1, **AT)
    assert (refused.value.code, refused.value.details["values"]) == ("keys.needed", 1)


def test_bring_back_opens_again_and_seals_nothing(filled, path, tmp_path):
    person = Person.objects.exclude(id_index=b"").order_by("id").first()
    key = PersonKey.objects.get(person=person)
    rotate(**QUICK)
    aside = retire(1, **AT)
    PersonKey.objects.filter(person=person).update(key_sealed=key.key_sealed)  # an old backup
    assert [("1" in fault) for fault in find_key_faults()] == [True]
    assert bring_back(aside, **AT) == 1
    assert find_key_faults() == []
    assert Person.objects.get(id=person.id).id_number == person.id_number
    assert ring().newest.number == 2
    with pytest.raises(Refusal) as refused:
        bring_back(aside, **AT)
    assert refused.value.code == "keys.taken"
    for text in ("", "{}", '{"number": 9, "suite": "aes", "secret": "zz"}'):
        (tmp_path / "bad").write_text(text)
        with pytest.raises(Refusal) as refused:
            bring_back(tmp_path / "bad", **AT)
        assert refused.value.code == "keys.unreadable"
    assert set(read_content(path)["versions"]) == {"1", "2"}


def test_listed_says_which_version_seals_and_how_many_values_need_it(filled):
    values = sum(need.values for need in needs())
    rotate(at=timezone.now(), grace=0.0, pause=0.0)
    assert [(v.number, seals, count) for v, seals, count in listed()] == [
        (1, False, 0), (2, True, values),
    ]  # fmt: skip
