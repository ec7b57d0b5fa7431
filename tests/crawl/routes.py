"""Every route of the product, found in the URL resolver, with what its address may name.

A parameter is filled by its kind. A route with a parameter of a kind that is not listed here
fails the test: whoever adds one says what may stand there.
"""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

SRC = Path(__file__).parents[2] / "src" / "lianhu"
# Which things of the county an address names by a parameter; "=" stands before plain words.
KINDS = {
    "matter_id": "Matter", "household_id": "Household", "person_id": "Person",
    "appeal_id": "Appeal", "table_id": "RuleTable", "episode_id": "CareEpisode",
    "keep_id": "Person", "drop_id": "Person", "change_id": "Change",
    "proposal_id": "Proposal", "draft_id": "ImportDraft", "import_id": "RegisterImport",
    "user_id": "User", "grant_id": "Grant", "posting_id": "Posting", "device_id": "Device",
    "letter_id": "Letter", "request_id": "Request", "opening_id": "Opening", "look_id": "MinorLook",
    "assessment_id": "Assessment",
    "resource_id": "Resource", "export_id": "Export", "mark": "Session", "reset_id": "FactorReset",
    "sha256": "Photo", "ref": "Ref",
    "code": "=place", "grid": "=grid", "step": "=word", "what": "=word", "how": "=word",
    "rest": "=rest", "path": "=rest",
}  # fmt: skip
_ARGUMENT = re.compile(
    r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>|\(\?P<(?P<group>\w+)>(?:[^()]|\\.)*\)"
)


@dataclass(frozen=True)
class Route:
    """One route: its address with {names}, their kinds, and the fields that its view reads."""

    path: str
    names: tuple[str, ...]
    view: Callable[..., Any]

    @property
    def module(self) -> str:
        """The module in which the view is written."""
        return inspect.unwrap(self.view).__module__

    @property
    def is_api(self) -> bool:
        """Whether bodies are JSON."""
        return self.path.startswith("api/")


def find_routes() -> list[Route]:
    """Every route, in the order in which Django tries them."""
    return [Route(*found) for found in _walk(get_resolver().url_patterns, "")]


def _walk(
    patterns: list[Any], before: str
) -> Iterator[tuple[str, tuple[str, ...], Callable[..., Any]]]:
    for pattern in patterns:
        text = before + str(pattern.pattern).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, text)
        elif isinstance(pattern, URLPattern):
            names = tuple(m["name"] or m["group"] for m in _ARGUMENT.finditer(text))
            path = _ARGUMENT.sub(lambda m: "{" + (m["name"] or m["group"]) + "}", text)
            yield path, names, pattern.callback


def unknown_kinds(routes: list[Route]) -> list[str]:
    """Parameters of which nobody has said what may stand there."""
    return sorted({f"{r.path}: {n}" for r in routes for n in r.names if n not in KINDS})


@cache
def form_names() -> frozenset[str]:
    """Every name of a field in any template."""
    text = "".join(p.read_text() for p in sorted(SRC.glob("*/templates/**/*.html")))
    return frozenset(re.findall(r'name="([a-z_0-9-]+)"', text))


@cache
def fields_of(module: str) -> tuple[str, ...]:
    """The names of fields that a view's module says: form fields and words of the address."""
    path = SRC.joinpath(*module.split(".")[1:])
    file = (
        path.with_suffix(".py") if path.with_suffix(".py").is_file() else path / "__init__.py"
    )
    if not file.is_file():
        return ()
    words = {
        node.value
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    read = set(
        re.findall(
            r"(?:GET|POST|typed|asked|source)(?:\.get\w*\(|\[)\"([a-z_]+)\"", file.read_text()
        )
    )
    return tuple(sorted((words & form_names()) | read))


@cache
def words(module: str) -> tuple[str, ...]:
    """Every short word in a view's module: the steps of matters, decisions, letters among them."""
    file = SRC.joinpath(*module.split(".")[1:]).with_suffix(".py")
    if not file.is_file():
        return ()
    found = {
        node.value
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return tuple(sorted(w for w in found if re.fullmatch(r"[a-z-]{2,12}", w)))
