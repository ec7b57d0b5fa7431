"""Matters as rows of a list: with names, the step whose turn it is, and one row anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate

from lianhu.desk.where import Names, names_for
from lianhu.kernel.actor import Actor
from lianhu.matters.queries.next import NextSteps, next_steps

# Steps that need no words: one button in the list is enough.
AT_ONCE = ("accept", "close")


@dataclass(frozen=True, slots=True)
class Row:
    """A matter, where it is, and what its reader may do now."""

    matter: Any
    place: str
    steps: NextSteps

    @property
    def at_once(self) -> bool:
        """Whether its next step can be taken with one button."""
        return self.steps.first in AT_ONCE

    @property
    def dispatches(self) -> bool:
        """Whether the list offers to dispatch it."""
        return "dispatch" in self.steps.all and self.steps.first in {"accept", "dispatch"}


def rows_of(actor: Actor, matters: Sequence[Any]) -> tuple[list[Row], Names]:
    """Rows with the names they need. One query."""
    today = localdate()
    rows = [
        Row(m, m.subject_place or m.place_id, next_steps(actor, m, today=today))
        for m in matters
    ]
    return rows, names_for(actor, (r.place for r in rows), (r.matter.office for r in rows))


def one_row(request: HttpRequest, actor: Actor, matter: Any) -> HttpResponse:
    """The row of one matter, for htmx to put in the place of the old one."""
    rows, names = rows_of(actor, [matter])
    page = {"row": rows[0], "names": names, "back": request.POST.get("back", "")}
    return render(request, "desk/matter/row.html", page)
