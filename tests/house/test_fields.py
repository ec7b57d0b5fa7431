"""Every column that says something about a person is registered (个人信息保护法, 6 and 19).

`catalogue/fields.toml` lists each column of our tables: personal ones with purpose, legal
basis, who sees them and how long they are kept; the others as technical. A new column fails
here until someone has decided which it is.
"""

import tomllib

from django.apps import apps

from lianhu.accounts.roles import all_verbs
from tests.house.files import ROOT

TELLS = {"purpose", "citation", "who", "kept_days"}
# Seen by no role: only the person, the sign-in, or nobody (a keyed hash).
BESIDES_VERBS = {"self", "sign-in", "nobody", "public"}


def _register() -> dict:
    return tomllib.loads((ROOT / "catalogue" / "fields.toml").read_text(encoding="utf-8"))


def _columns() -> set[str]:
    return {
        f"{model._meta.app_label}.{model.__name__}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("lianhu.")
        for field in model._meta.concrete_fields
    }


def _technical(register: dict) -> set[str]:
    return {
        f"{table}.{column}"
        for table, columns in register["technical"].items()
        for column in columns
    }


def test_every_column_is_registered_once():
    register = _register()
    personal, technical = set(register["fields"]), _technical(register)
    assert personal & technical == set()
    assert sorted(_columns() - personal - technical) == []


def test_the_register_names_no_column_that_is_gone():
    register = _register()
    assert sorted((set(register["fields"]) | _technical(register)) - _columns()) == []


def test_every_personal_column_tells_its_purpose_basis_reader_and_term():
    for name, entry in _register()["fields"].items():
        assert set(entry) == TELLS, name
        assert entry["purpose"], name
        assert entry["citation"], name
        assert isinstance(entry["kept_days"], int), name


def test_readers_are_verbs():
    known = set(all_verbs()) | BESIDES_VERBS
    unknown = {
        f"{name}: {who}"
        for name, entry in _register()["fields"].items()
        for who in entry["who"].split(", ")
        if who not in known
    }
    assert unknown == set()
