"""Read a letter's text and judge its form by the schema in `contracts/`. Pure but for its files."""

import hashlib
import json
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import fastjsonschema

from lianhu.kernel.errors import Refusal

CONTRACTS = Path(__file__).parents[3] / "contracts" / "letters"
MOST_LETTERS = 20
MOST_BYTES = 256 * 1024
KINDS = (
    "matter.report/1",
    "matter.add/1",
    "matter.rate/1",
    "visit.record/1",
    "person.propose/1",
)


def fits(text: str, sha256: str) -> bool:
    """Whether a hash is that of a text's UTF-8 bytes."""
    try:
        return hashlib.sha256(text.encode()).hexdigest() == sha256
    except UnicodeEncodeError:  # half a surrogate pair has no bytes, so no hash can fit it
        return False


@cache
def _validator(kind: str) -> Callable[[Any], Any]:
    file = CONTRACTS / f"{kind.replace('/', '-')}.schema.json"
    validate: Callable[[Any], Any] = fastjsonschema.compile(json.loads(file.read_text()))
    return validate


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def parse(text: str) -> dict[str, Any]:
    """The text of a letter as an object; refuses ``letter.unreadable``."""
    try:
        content = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refusal("letter.unreadable") from error
    if not isinstance(content, dict):
        raise Refusal("letter.unreadable")
    return content


def check(content: dict[str, Any]) -> None:
    """Refuse ``letter.unknown_kind`` or ``letter.bad_body`` (naming the field)."""
    kind = content.get("kind")
    if kind not in KINDS:
        raise Refusal("letter.unknown_kind")
    try:
        _validator(kind)(content)
    except fastjsonschema.JsonSchemaValueException as error:
        raise Refusal("letter.bad_body", field=str(error.name)) from error


def gaps_of(seen: Iterable[int], first: int, last: int) -> list[tuple[int, int]]:
    """The runs of numbers from `first` to `last`, both inclusive, that are not among `seen`."""
    gaps, expected = [], first
    for number in sorted({n for n in seen if first <= n <= last}):
        if number > expected:
            gaps.append((expected, number - 1))
        expected = number + 1
    if expected <= last:
        gaps.append((expected, last))
    return gaps
