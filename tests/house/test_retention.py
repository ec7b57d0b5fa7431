"""Every personal field that is kept for a time is deleted by a rule of the daily run, or says why
it is not (个人信息保护法, 19 and 47)."""

import tomllib

from lianhu.daily import FORGET
from tests.house.files import ROOT


def _read(name: str) -> dict:
    return tomllib.loads((ROOT / "catalogue" / name).read_text(encoding="utf-8"))


def _covering(rules: dict, field: str) -> list[dict]:
    """The rules that cover a field, by itself or with its table."""
    names = {field, field.rpartition(".")[0]}
    return [rule for rule in rules.values() if names & set(rule["covers"])]


def _terms() -> dict[str, int]:
    return {
        name: entry["kept_days"]
        for name, entry in _read("fields.toml")["fields"].items()
        if entry["kept_days"]
    }


def test_every_field_that_is_kept_for_a_time_has_its_rule_or_its_reason():
    kept = _read("retention.toml")
    without = [
        field
        for field in _terms()
        if not _covering(kept["rules"], field)
        and not kept["never"].get(field.rpartition(".")[0])
    ]
    assert without == []


def test_rules_and_fields_say_the_same_term():
    rules, wrong = _read("retention.toml")["rules"], {}
    for field, days in _terms().items():
        found = _covering(rules, field)
        exact = [rule for rule in found if field in rule["covers"]] or found
        if any(rule["days"] != days for rule in exact):
            wrong[field] = (days, [rule["days"] for rule in exact])
    assert wrong == {}


def test_every_rule_is_done_by_the_daily_run():
    assert set(_read("retention.toml")["rules"]) == set(FORGET)


def test_what_is_left_is_covered_and_personal_and_says_why():
    rules, terms = _read("retention.toml")["rules"], _terms()
    for rule in rules.values():
        for field, why in rule.get("left", {}).items():
            assert field in terms, field
            assert field.rpartition(".")[0] in rule["covers"], field
            assert why, field


def test_what_is_never_emptied_says_why_and_has_no_rule():
    kept = _read("retention.toml")
    covered = {table for rule in kept["rules"].values() for table in rule["covers"]}
    for table, why in kept["never"].items():
        assert why, table
        assert table not in covered, table
