"""The register of sealed columns is whole, and the ring is held against it before a start."""

import ast

import pytest
from django.apps import apps
from django.db import models

from lianhu.grading.models import CareEpisode
from lianhu.keeping.columns import FLEETING, TABLES
from lianhu.keeping.owned import empty_closed, own_values
from lianhu.keeping.sealed import find_key_faults, needs, require_keys
from lianhu.kernel.errors import Refusal
from lianhu.kernel.ids import uuid7
from lianhu.kernel.keyring import make_ring, new_entry, read_content, write_content
from lianhu.people.keys import lock_key
from lianhu.people.models import Change, Person, PersonKey, Proposal
from tests.house.files import ours
from tests.keeping.filled import fill

# Bytes that are no secret of anybody: hashes of random secrets, the public halves of keys,
# identifiers, the ledger's chain.
PLAIN = {
    "accounts.Passkey.credential", "accounts.Passkey.attested", "accounts.RecoveryCode.code",
    "accounts.Device.credential", "accounts.Device.next_credential",
    "accounts.SpentCredential.credential", "accounts.EnrolToken.token", "audit.Seal.hash",
    "audit.Seal.signature", "people.RegisterImport.household_ids",
    "people.RegisterImport.person_ids", "people.PersonKey.mark",
}  # fmt: skip
SEALING = {"seal", "seal_bytes", "unseal", "unseal_bytes", "seal_own", "unseal_own"}


@pytest.fixture
def path(settings, tmp_path):
    settings.LIANHU_KEYS = tmp_path / "keys.json"
    make_ring(settings.LIANHU_KEYS)
    return settings.LIANHU_KEYS


@pytest.fixture
def filled(path, warden, secretary_east, data_officer):
    fill(warden, secretary_east, data_officer)


def _registered() -> set[str]:
    columns = {
        f"{table.label}.{name}"
        for table in TABLES
        for column in table.columns
        for name in (column.name, column.index)
        if name
    }
    return columns | set(FLEETING)


def _unregistered(tables) -> set[str]:
    found = {
        f"{model._meta.label}.{field.name}"
        for model in tables
        for field in model._meta.concrete_fields
        if isinstance(field, models.BinaryField) or field.name.endswith(("_sealed", "_index"))
    }
    return found - _registered() - PLAIN


def test_every_sealed_column_of_every_model_is_registered():
    assert _unregistered(apps.get_models()) == set()


def test_the_register_names_no_column_that_is_gone():
    there = {f"{m._meta.label}.{f.name}" for m in apps.get_models() for f in m._meta.fields}
    assert (_registered() | PLAIN) - there == set()


def test_the_rule_can_fail(monkeypatch):
    monkeypatch.setitem(globals(), "TABLES", TABLES[1:])
    assert "people.Person.id_sealed" in _unregistered(apps.get_models())


def _places_sealed_for(text: str) -> set[str]:
    """The "table.field" of each call that seals or opens, or that a model says of its own."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SEALED_FOR":
            found.add(str(ast.literal_eval(node.value)))
        if not isinstance(node, ast.Call) or len(node.args) < 2:
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        where = node.args[1]
        if name in SEALING and isinstance(where, ast.JoinedStr):
            first = where.values[0]
            if ast.unparse(where).startswith("f'{self.SEALED_FOR}."):
                continue  # what the class says of its own
            found.add(str(first.value).rstrip(".") if isinstance(first, ast.Constant) else "")
        if name in {"blind", "blinds"} and isinstance(where, ast.Constant):
            found.add(str(where.value))
    return found


def test_what_the_code_seals_for_is_what_the_register_says():
    told = {column.where for table in TABLES for column in table.columns}
    used = {
        place
        for name, text in ours(".py")
        if name.startswith("src/") and not name.startswith("src/lianhu/keeping/")
        for place in _places_sealed_for(text)
    }
    # By name: `drafts._corrections` says for which of two tables.
    assert told - used == {"register.corrections", "draft.corrections"}
    assert used - told == {"known.username"}  # in a cookie, nowhere on the server


def test_needs_counts_every_column_by_version(filled):
    columns = {(t.label, c.name) for t in TABLES for c in t.columns if not t.owner}
    indexes = {("people.Person", "id_index"), ("people.Person", "phone_index")}
    assert {(need.table, need.column) for need in needs()} == columns | indexes
    assert {need.version for need in needs()} == {1}
    assert sum(n.values for n in needs() if n.column == "id_index") == 4
    assert sum(n.values for n in needs() if n.column == "key_sealed") == 6
    assert own_values() == 12  # 4 ID numbers, 4 phones and 1 of more, change, proposal, care


def test_require_keys_accepts_the_ring_of_the_database(filled):
    assert find_key_faults() == []
    require_keys()


def test_require_keys_refuses_a_ring_without_a_version_that_values_need(filled, path):
    content = read_content(path)
    content["versions"] = {"2": new_entry("aes")}
    write_content(path, content | {"current": 2})
    with pytest.raises(Refusal) as refused:
        require_keys()
    assert refused.value.code == "keys.wrong_ring"
    # Of persons the keys and indexes, of others every column.
    rings = sum(len(table.columns) for table in TABLES if not table.owner)
    assert len(find_key_faults()) == rings + 2


def test_require_keys_refuses_another_ring_with_the_same_numbers(filled, path):
    content = read_content(path)
    content["versions"]["1"] = new_entry("aes")
    write_content(path, content)
    with pytest.raises(Refusal) as refused:
        require_keys()
    assert refused.value.code == "keys.wrong_ring"
    assert all("不是" in fault for fault in find_key_faults())


def test_a_value_whose_own_key_is_gone_or_another_is_told_and_stops_no_county(filled, path):
    person = Person.objects.exclude(id_index=b"").order_by("id").first()
    key = PersonKey.objects.get(person=person)
    PersonKey.objects.filter(person=person).delete()
    assert "id_sealed 有 1 个值" in find_key_faults()[0]
    require_keys()
    key.save(force_insert=True)
    assert find_key_faults() == []
    PersonKey.objects.filter(person=person).update(mark=b"!!")
    assert "本人的钥匙" in find_key_faults()[0]


def test_own_values_that_were_moved_are_told(filled, path):
    one = Person.objects.exclude(id_index=b"").order_by("id").first()
    PersonKey.objects.exclude(person=one).delete()
    Person.objects.exclude(id=one.id).update(id_sealed=b"", phone_sealed=b"")
    Person.objects.update(more_phones_sealed=b"")
    Change.objects.update(values_sealed=b"")
    Proposal.objects.update(values_sealed=b"")
    CareEpisode.objects.update(words_sealed=b"")
    assert find_key_faults() == []
    Person.objects.filter(id=one.id).update(id_sealed=bytes(one.phone_sealed))
    assert ["不是一起的" in fault for fault in find_key_faults()] == [True]


def test_keys_of_a_later_day_of_who_is_not_in_the_backup_are_destroyed(filled):
    """Somebody registered after the backup: no deletion would ever reach that key, and it opens
    the backups of the days between."""
    stranger, kept = uuid7(), set(PersonKey.objects.values_list("person_id", flat=True))
    assert CareEpisode.objects.get().id in kept
    lock_key(stranger)
    assert empty_closed() == 0
    assert set(PersonKey.objects.values_list("person_id", flat=True)) == kept
    assert find_key_faults() == []
