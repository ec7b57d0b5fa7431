"""What adds a forbidden thing to the running product, and takes all of it out again."""

import inspect
import sys
import textwrap
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from types import FunctionType, TracebackType
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.http import HttpResponse
from django.urls import clear_url_caches, get_resolver, path

from lianhu.kernel import catalogue
from tests.house import files


@dataclass(frozen=True)
class Mutant:
    """One forbidden thing: how the line of the page begins that it breaks, what it is, the tests
    that must fail."""

    line: str
    what: str
    tests: tuple[str, ...]
    add: Callable[["Hand"], None]

    @property
    def name(self) -> str:
        return self.add.__name__


MUTANTS: list[Mutant] = []


def never(
    line: str, *tests: str
) -> Callable[[Callable[["Hand"], None]], Callable[["Hand"], None]]:
    """Say of a function that it adds what `line` of the page forbids; its docstring is what the
    page says was added, `tests` ("tests/a/test_b.py::test_c") are those that then fail."""

    def say(add: Callable[["Hand"], None]) -> Callable[["Hand"], None]:
        MUTANTS.append(Mutant(line, " ".join(str(add.__doc__).split()), tests, add))
        return add

    return say


class Hand:
    """Adds things for as long as it is open."""

    def __enter__(self) -> "Hand":
        self.patch = pytest.MonkeyPatch()
        self._undo = ExitStack()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._undo.close()
        self.patch.undo()

    def file(self, name: str, text: str) -> None:
        """A file of the repository, as the house tests read it."""
        self.patch.setitem(files.ADDED, name, text)

    def edit(self, name: str, old: str, new: str) -> None:
        """A file with one piece of its text replaced."""
        text = files.text_of(name)
        assert old in text, f"{old!r} is not in {name}"
        self.file(name, text.replace(old, new, 1))

    def data(self, name: str, old: str, new: str) -> None:
        """A file of the catalogue, for the house tests and for the product."""
        self.edit(f"catalogue/{name}", old, new)
        self.patch.setattr(catalogue, "ROOT", _Overlaid(catalogue.ROOT))
        for kept in (catalogue.read, catalogue.read_folder):
            kept.cache_clear()
            self._undo.callback(kept.cache_clear)

    def column(self, label: str, name: str, field: Any) -> None:
        """A column of a table, e.g. of "visits.Visit"; the database does not get it."""
        model = apps.get_model(label)
        field.contribute_to_class(model, name)

        def take() -> None:
            model._meta.local_fields.remove(field)
            if name in vars(model):
                delattr(model, name)
            model._meta._expire_cache()  # type: ignore[attr-defined]

        self._undo.callback(take)

    def table(self, app: str, name: str, **columns: Any) -> None:
        """A table of a wing; the database does not get it."""
        module = f"lianhu.{app}.models"
        meta = type("Meta", (), {"app_label": app})
        type(name, (models.Model,), {"__module__": module, "Meta": meta, **columns})

        def take() -> None:
            del apps.all_models[app][name.lower()]
            apps.clear_cache()

        self._undo.callback(take)

    def route(self, address: str) -> None:
        """A page at an address."""
        known = get_resolver().url_patterns
        page = path(address, lambda request: HttpResponse())
        known.append(page)
        self._undo.callback(clear_url_caches)
        self._undo.callback(known.remove, page)
        clear_url_caches()

    def code(self, function: Any, old: str, new: str) -> None:
        """A function with one piece of its source replaced, wherever it was imported."""
        plain = inspect.unwrap(function)
        source = textwrap.dedent(inspect.getsource(plain))
        assert old in source, f"{old!r} is not in {plain.__name__}"
        made: dict[str, Any] = {}
        exec(source.replace(old, new, 1), plain.__globals__, made)  # noqa: S102 - our own source
        changed = made[plain.__name__]
        owner = plain.__qualname__.rpartition(".")[0]
        if owner:
            self.patch.setattr(plain.__globals__[owner], plain.__name__, changed)
            return
        for name, module in list(sys.modules.items()):
            if name.startswith(("lianhu", "tests")):
                for key, value in list(vars(module).items()):
                    if value is function:
                        self.patch.setattr(module, key, changed)

    def instead(self, function: FunctionType, other: Callable[..., Any]) -> None:
        """Another function in place of one, wherever it was imported."""
        for name, module in list(sys.modules.items()):
            if name.startswith(("lianhu", "tests")):
                for key, value in list(vars(module).items()):
                    if value is function:
                        self.patch.setattr(module, key, other)

    def value(self, target: Any, name: str, value: Any) -> None:
        """A value of a module or a class."""
        self.patch.setattr(target, name, value)

    def no_checks(self) -> None:
        """The tables without their check constraints."""
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        self._undo.callback(self._checks_again)

    def _checks_again(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = OFF")


class _Overlaid:
    """The catalogue's folder, with what was added to it."""

    def __init__(self, root: Any, name: str = "") -> None:
        self.root, self.name = root, name

    def __truediv__(self, name: str) -> "_Overlaid":
        return _Overlaid(self.root / name, f"{self.name}/{name}".lstrip("/"))

    def read_text(self, encoding: str = "utf-8") -> str:
        added = files.ADDED.get(f"catalogue/{self.name}")
        return self.root.read_text(encoding=encoding) if added is None else added

    def glob(self, pattern: str) -> list["_Overlaid"]:
        return [self / path.name for path in sorted(self.root.glob(pattern))]

    def __lt__(self, other: "_Overlaid") -> bool:
        return self.name < other.name
