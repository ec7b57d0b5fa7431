"""What every list of the desk asks of its address: filters, words, days, order; told in one form.

A list names its choices; `asked_of` reads them, `part/filters.html` shows them, `sheet_of` pages
what was found and `export` sends the same rows. All of it stands in the address, so that a page
can be sent to a colleague.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest
from django.utils.http import urlencode


@dataclass(frozen=True, slots=True)
class Select:
    """One choice of a list: its name in the address, what it is about, values with words. The
    first value is what holds when nothing is asked."""

    name: str
    label: str
    choices: Mapping[str, str]


def order_by(choices: Mapping[str, str]) -> Select:
    """The choice of the order."""
    return Select("order", "排序", choices)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks of a list; a value that does not exist asks for nothing."""

    selects: tuple[tuple[Select, str], ...]
    days: tuple[tuple[str, str, date | None], ...]
    words: str
    words_label: str
    kept: tuple[tuple[str, str], ...]

    def value(self, name: str) -> str:
        """What was chosen."""
        return next(value for select, value in self.selects if select.name == name)

    def day(self, name: str) -> date | None:
        """The day that was asked for."""
        return next(day for key, _, day in self.days if key == name)

    @property
    def filtered(self) -> bool:
        """Whether anything but the order was asked for."""
        chosen = any(v != next(iter(s.choices)) for s, v in self.selects if s.name != "order")
        return chosen or bool(self.words) or any(day for *_, day in self.days)

    @property
    def bare(self) -> str:
        """The address without what was asked for."""
        return f"?{urlencode(self.kept)}"


def asked_of(
    request: HttpRequest,
    *selects: Select,
    words: str = "",
    days: Iterable[tuple[str, str]] = (),
    keep: Iterable[str] = ("place",),
) -> Asked:
    """What the address asks. `words` says what one may search for ("" = nothing), `days` are names
    with words, `keep` what the form leaves as it is."""
    typed = request.GET
    chosen = tuple(
        (s, v if (v := typed.get(s.name, "")) in s.choices else next(iter(s.choices)))
        for s in selects
    )
    asked_days = tuple((n, label, _day(typed.get(n, ""))) for n, label in days)
    said = typed.get("words", "").strip().replace("\x00", "")[:30] if words else ""
    kept = tuple((name, typed[name]) for name in keep if typed.get(name))
    return Asked(chosen, asked_days, said, words, kept)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
