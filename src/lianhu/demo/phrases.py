"""Made-up texts from templates with places to fill: the same number gives the same text."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent / "texts"
PLACE = re.compile(r"\{(.+?)\}")
Template = tuple[tuple[str, str], ...]  # plain text, then the name of the place that follows
Options = tuple[Template, ...]
BITS = (1 << 64) - 1


class Case(NamedTuple):
    """What may be said of one case: in the report, while it is handled, in the answer."""

    report: Options
    handle: Options
    answer: Options


class Story(NamedTuple):
    """The words of one matter; the three agree with each other."""

    report: str
    handle: str
    answer: str


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def _cut(template: str) -> Template:
    parts = PLACE.split(template)
    return tuple(zip(parts[::2], [*parts[1::2], ""], strict=True))


def _options(lines: str) -> Options:
    return tuple(_cut(line) for line in lines.split("|"))


@cache
def _lists() -> dict[str, Options]:
    """Every list of templates by name: what fills a place, and the steps common to all."""
    return {
        key: tuple(_cut(line) for line in lines)
        for name in ("slots.toml", "fillers.toml", "common.toml")
        for key, lines in _read(name).items()
    }


@cache
def _cases() -> dict[str, tuple[Case, ...]]:
    return {
        kind: tuple(Case(*(_options(lines) for lines in case)) for case in texts["cases"])
        for kind, texts in _read("matters.toml").items()
    }


def weights() -> dict[str, float]:
    """How often each kind of matter comes up, by code."""
    return {kind: float(texts["weight"]) for kind, texts in _read("matters.toml").items()}


class Speaker:
    """Says things about one household: 姓 and 组 are given, other places are filled as they
    come and stay the same. `lot`, any large number, decides every choice."""

    def __init__(self, lot: int, family: str, group: str) -> None:
        self._lot = lot & BITS
        self._filled = {"姓": family, "组": group}

    def _pick(self, count: int) -> int:
        # The high bits of a linear congruence are the good ones.
        self._lot = self._lot * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407 & BITS
        return (self._lot >> 33) % count

    def _fill(self, options: Options) -> str:
        words = ""
        for plain, place in options[self._pick(len(options))]:
            words += plain
            if place:
                if place not in self._filled:
                    self._filled[place] = self._fill(_lists()[place])
                words += self._filled[place]
        return words

    def say(self, name: str) -> str:
        """One line of a common list, such as "verify" or "visit"; may be empty."""
        return self._fill(_lists()[name])

    def tell(self, kind: str) -> Story:
        """A report of this kind with the words that belong to it."""
        cases = _cases()[kind]
        case = cases[self._pick(len(cases))]
        return Story(self._fill(case.report), self._fill(case.handle), self._fill(case.answer))
