"""A decision table: rows of conditions that owe a colour, read strictly. Pure.

Conditions only ever ask for a need that is there (yes, one of, at least so many), so that one
need more never brings less help.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from lianhu.grading.rules.colours import ORDER, Colour
from lianhu.kernel.catalogue import read, read_folder
from lianhu.kernel.errors import Refusal

MOST_RULES = 200
LONGEST_TEXT = 200
MOST_BYTES = 200_000
Wanted = bool | int | tuple[str, ...]
Value = bool | int | str
CODE = re.compile(r"[A-Za-z0-9_.-]{1,12}")


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: all conditions hold, so this colour is owed."""

    code: str
    colour: Colour
    reason: str
    when: tuple[tuple[str, Wanted], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A dated table with where it comes from."""

    title: str
    label: str
    since: date
    source: str
    rules: tuple[Rule, ...]


def fact_kinds() -> dict[str, dict[str, Any]]:
    """Every fact a rule may read, by code."""
    facts: dict[str, dict[str, Any]] = read("grading/facts.toml")["facts"]
    return facts


def is_forbidden(name: str) -> bool:
    """Whether a name says something that may never be an input, in code or in words."""
    banned = read("grading/forbidden.toml")
    parts = re.split(r"[^a-z]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())
    return bool(set(parts) & set(banned["names"])) or any(w in name for w in banned["words"])


def holds(value: Value, wanted: Wanted) -> bool:
    """Whether one fact is as a condition wants it: the one meaning of a condition."""
    if isinstance(wanted, tuple):
        return value in wanted
    if isinstance(wanted, bool):
        return value is wanted
    return int(value) >= wanted


def matching(rules: Iterable[Rule], facts: Mapping[str, Value]) -> list[Rule]:
    """The rules whose every condition holds; an unknown fact is never taken as given."""
    return [
        rule
        for rule in rules
        if all(name in facts and holds(facts[name], wanted) for name, wanted in rule.when)
    ]


def suggested(rules: Iterable[Rule], facts: Mapping[str, Value], present: Colour) -> Colour:
    """What the rules owe one household, never less than it has now."""
    return max((present, *(r.colour for r in matching(rules, facts))), key=ORDER.__getitem__)


def read_table(text: str | bytes) -> Table:
    """A table from TOML; refuses ``grading.unreadable`` and all that `make_table` refuses."""
    if len(text) > MOST_BYTES:
        raise Refusal("grading.unreadable")
    try:
        content = tomllib.loads(text if isinstance(text, str) else text.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refusal("grading.unreadable") from error
    return make_table(content)


def make_table(content: Mapping[str, Any]) -> Table:
    """A table from plain values.

    Refuses ``grading.bad_table``, ``grading.too_many_rules``, ``grading.bad_rule``,
    ``grading.forbidden_fact``, ``grading.unknown_fact``.
    """
    since, rows = content.get("from"), content.get("rules")
    if not isinstance(since, date) or not isinstance(rows, list) or not rows:
        raise Refusal("grading.bad_table")
    if len(rows) > MOST_RULES:
        raise Refusal("grading.too_many_rules", most=MOST_RULES)
    title, source = _text(content, "title"), _text(content, "source")
    if unknown := set(content) - {"title", "label", "from", "source", "rules"}:
        raise _strange(sorted(unknown)[0], "grading.bad_table")
    rules = tuple(_rule(row, number) for number, row in enumerate(rows, 1))
    codes = [rule.code for rule in rules]
    for number, code in enumerate(codes, 1):
        if code in codes[: number - 1]:
            raise Refusal("grading.bad_rule", row=number)
    label = content.get("label", "")
    if not isinstance(label, str) or len(label) > LONGEST_TEXT:
        raise Refusal("grading.bad_table")
    return Table(title, label, since, source, rules)


def _text(content: Mapping[str, Any], name: str) -> str:
    text = content.get(name)
    if not isinstance(text, str) or not 0 < len(text.strip()) <= LONGEST_TEXT:
        raise Refusal("grading.bad_table")
    return text.strip()


def _strange(name: str, otherwise: str) -> Refusal:
    """What to say of a key that is not known."""
    if is_forbidden(name):
        return Refusal("grading.forbidden_fact", name=name)
    return Refusal(otherwise, name=name, row="")


def _rule(row: Any, number: int) -> Rule:
    if not isinstance(row, Mapping):
        raise Refusal("grading.bad_rule", row=number)
    for key in set(row) - {"code", "colour", "reason", "when"}:
        raise _strange(str(key), "grading.unknown_fact")
    code, colour, reason, when = (row.get(k) for k in ("code", "colour", "reason", "when"))
    fit = isinstance(code, str) and CODE.fullmatch(code) and isinstance(reason, str)
    if not fit or not isinstance(when, Mapping) or not when:
        raise Refusal("grading.bad_rule", row=number)
    if colour not in {Colour.YELLOW, Colour.RED} or not 0 < len(str(reason)) <= LONGEST_TEXT:
        raise Refusal("grading.bad_rule", row=number)
    if is_forbidden(str(reason)):
        raise Refusal("grading.forbidden_fact", name=reason)
    conditions = tuple((str(n), _wanted(str(n), wish, number)) for n, wish in when.items())
    return Rule(str(code), Colour(str(colour)), str(reason), conditions)


def _wanted(name: str, wish: Any, number: int) -> Wanted:
    kind = fact_kinds().get(name)
    if kind is None or is_forbidden(name):
        raise _strange(name, "grading.unknown_fact")
    if kind["kind"] == "yes" and wish is True:
        return True
    if kind["kind"] == "number" and type(wish) is int and 1 <= wish <= 50:
        return wish
    bands = (
        isinstance(wish, list)
        and bool(wish)
        and set(map(str, wish)) <= set(kind.get("words", ()))
    )
    if kind["kind"] == "one_of" and bands:
        return tuple(map(str, wish))
    raise Refusal("grading.bad_rule", row=number)


def table_content(table: Table) -> dict[str, Any]:
    """A table as plain values that JSON can hold (`from` as text)."""
    return {
        "title": table.title,
        "label": table.label,
        "from": table.since.isoformat(),
        "source": table.source,
        "rules": [
            {"code": r.code, "colour": r.colour.value, "reason": r.reason,
             "when": {n: list(w) if isinstance(w, tuple) else w for n, w in r.when}}
            for r in table.rules
        ],
    }  # fmt: skip


def table_from(content: Mapping[str, Any]) -> Table:
    """The table behind `table_content`, judged again."""
    try:
        return make_table({**content, "from": date.fromisoformat(str(content.get("from")))})
    except ValueError as error:
        raise Refusal("grading.bad_table") from error


def write_table(table: Table) -> str:
    """A table as TOML, to be read again by `read_table`."""
    lines = [
        f"title = {_quoted(table.title)}",
        f"label = {_quoted(table.label)}",
        f"from = {table.since.isoformat()}",
        f"source = {_quoted(table.source)}",
    ]
    for rule in table.rules:
        when = ", ".join(f"{name} = {_plain(wanted)}" for name, wanted in rule.when)
        lines += [
            "",
            "[[rules]]",
            f"code = {_quoted(rule.code)}",
            f"colour = {_quoted(rule.colour)}",
            f"reason = {_quoted(rule.reason)}",
            f"when = {{ {when} }}",
        ]
    return "\n".join(lines) + "\n"


def _plain(wanted: Wanted) -> str:
    if isinstance(wanted, tuple):
        return "[" + ", ".join(_quoted(w) for w in wanted) + "]"
    return str(wanted).lower()


def _quoted(text: str) -> str:
    """A basic string of TOML."""
    signs = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return (
        '"' + "".join(signs.get(s, s if s >= " " and s != "\x7f" else " ") for s in text) + '"'
    )


def condition_words(name: str, wanted: Wanted) -> str:
    """One condition as a villager reads it."""
    kind = fact_kinds()[name]
    if isinstance(wanted, tuple):
        return f"{kind['name']}：{'、'.join(kind['words'][w] for w in wanted)}"
    return str(kind["name"]) if wanted is True else f"{kind['name']} {wanted} 人以上"


def default_tables() -> list[Table]:
    """The tables that come with Lianhu, oldest first."""
    return sorted((make_table(t) for t in read_folder("grading/rules")), key=lambda t: t.since)


def all_conditions() -> dict[str, tuple[str, Wanted]]:
    """Every condition that a form offers, by its words."""
    found: dict[str, tuple[str, Wanted]] = {}
    for name, kind in fact_kinds().items():
        choices: list[Wanted] = [True]
        if kind["kind"] == "number":
            choices = list(range(1, 9))
        elif kind["kind"] == "one_of":
            bands = list(kind["words"])
            choices = [tuple(c) for n in range(1, 4) for c in combinations(bands, n)]
        found |= {condition_words(name, wanted): (name, wanted) for wanted in choices}
    return found
