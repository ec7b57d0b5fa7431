"""Made-up texts from templates with places to fill: the same number gives the same text."""

import re
import tomllib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "texts"
PLACE = re.compile(r"\{(.+?)\}")
Template = tuple[tuple[str, str], ...]  # plain text, then the name of the place that follows


def read_texts(name: str) -> dict[str, object]:
    """One file of templates."""
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def _cut(template: str) -> Template:
    parts = PLACE.split(template)
    return tuple(zip(parts[::2], [*parts[1::2], ""], strict=True))


@cache
def _choices() -> dict[str, tuple[Template, ...]]:
    """Every list of templates by name: a slot, "visit", or "errand.other.report"."""
    found: dict[str, tuple[Template, ...]] = {}
    for name in ("slots.toml", "fillers.toml", "common.toml"):
        for key, lines in read_texts(name).items():
            if isinstance(lines, list):
                found[key] = tuple(_cut(line) for line in lines)
    for kind, texts in read_texts("matters.toml").items():
        if isinstance(texts, dict):
            for key in ("report", "handle", "answer"):
                found[f"{kind}.{key}"] = tuple(_cut(line) for line in texts[key])
    return found


def weights() -> dict[str, float]:
    """How often each kind of matter comes up, by code."""
    return {
        kind: float(texts["weight"])
        for kind, texts in read_texts("matters.toml").items()
        if isinstance(texts, dict)
    }


def say(name: str, lot: int, **given: str) -> str:
    """A text of the named list. `lot` (any large number) decides every choice; `given` fills
    the places 姓 and 组. The same place has the same filling throughout a text."""
    choices = _choices()
    filled = dict(given)

    def fill(key: str, depth: int) -> str:
        nonlocal lot
        if key in filled:
            return filled[key]
        options = choices[key]
        lot, pick = divmod(lot, len(options))
        lot = lot * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407 & (1 << 64) - 1
        text = "".join(
            plain + (fill(place, depth + 1) if place else "") for plain, place in options[pick]
        )
        if depth:
            filled[key] = text
        return text

    return fill(name, 0)
