"""Ways in which a report about an official might show, as people make such mistakes: each is put
in alone, and a walk that does not notice it proves nothing."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Q
from django.utils import timezone

from lianhu.audit import actions as audit
from lianhu.audit.models import Entry
from lianhu.kernel.actor import Actor
from lianhu.letters.actions import receiving
from lianhu.letters.models import Letter
from lianhu.letters.queries import waiting
from lianhu.matters.actions import counting
from lianhu.matters.models import Matter
from lianhu.matters.queries import counts, lists
from lianhu.phone import parcels
from lianhu.territory.models import Place, RowClass
from lianhu.territory.queries import reach, within

Patch = pytest.MonkeyPatch
OFFICIAL = RowClass.ABOUT_OFFICIAL
RECORD = "lianhu.matters.actions.writing.record"


@dataclass(frozen=True)
class Leak:
    """A mistake, whom the reports of the walk accuse, and what happens on it."""

    put_in: Callable[[Patch], None]
    accused: str
    steps: tuple[str, ...]

    @property
    def name(self) -> str:
        """What the mistake is called."""
        return self.put_in.__name__


LEAKS: list[Leak] = []
WORK = ("plain_report", "told_at_the_desk", "worked_on", "brought_to_an_end", "plain_work")
PHONED = ("plain_report", *["told_by_a_phone"] * 5, "plain_work")


def leak(
    accused: str = "secretary", steps: tuple[str, ...] = WORK
) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    """One more mistake."""

    def noted(put_in: Callable[[Patch], None]) -> Callable[[Patch], None]:
        LEAKS.append(Leak(put_in, accused, steps))
        return put_in

    return noted


def _recorded(patch: Patch, also: Callable[..., dict[str, Any]]) -> None:
    """The ledger's `record` of every step of a report, with something changed or done besides."""

    def record(*args: Any, **named: Any) -> None:
        if named.get("row_class") == OFFICIAL:
            named = also(*args, **named)
        audit.record(*args, **named)

    patch.setattr(RECORD, record)


@leak(accused="warden")
def a_grid_is_raised(patch: Patch) -> None:
    """Every step raises the versions of the grids below the matter's place."""

    def also(*args: Any, **named: Any) -> dict[str, Any]:
        audit.raise_grids(args[4])
        return named

    _recorded(patch, also)


@leak()
def his_own_version_is_raised(patch: Patch) -> None:
    """Whoever has to do with a matter is told that it changed, and he has to do with it."""

    def also(*_: Any, **named: Any) -> dict[str, Any]:
        accused = named.get("accused")
        return named | {
            "users": {*named.get("users", ()), *({UUID(accused)} if accused else ())}
        }

    _recorded(patch, also)


@leak()
def a_closed_one_is_counted_in_the_village(patch: Patch) -> None:
    """Closed is closed, and it was about something in the village."""

    def count(matter: Matter, by: int) -> None:
        plain = copy(matter)
        if matter.row_class == OFFICIAL:
            plain.row_class, plain.place_id = RowClass.ORDINARY, matter.subject_place
        counting.count_ended(plain, by)

    patch.setattr("lianhu.matters.actions.steps.count_ended", count)


@leak(accused="data")
def its_entry_is_ordinary(patch: Patch) -> None:
    """The ledger's entry of a step lost its class on the way."""
    _recorded(patch, lambda *_, **named: named | {"row_class": "ordinary", "quiet": True})


@leak(accused="committee")
def it_is_suggested_for_a_merge(patch: Patch) -> None:
    """What reads alike is offered, whatever class it is of."""
    right = lists.find_similar

    def found(actor: Actor, place: str, *rest: Any, **named: Any) -> list[Matter]:
        hidden = Matter.objects.filter(row_class=OFFICIAL, words__startswith="修路")
        return [*right(actor, place, *rest, **named), *hidden]

    patch.setattr("lianhu.desk.matter.find_similar", found)


@leak()
def he_gets_a_notice(patch: Patch) -> None:
    """Whoever is named in a matter hears of it on the phone."""

    def own(actor: Actor, *, since: Any) -> Any:
        seen = lists.list_own(actor, since=since).values("pk")
        return Matter.objects.filter(Q(pk__in=seen) | Q(accused_id=actor.id))

    patch.setattr(parcels, "list_own", own)


@leak(accused="data")
def a_count_forgets_the_class(patch: Patch) -> None:
    """The figures are of all matters in the place: a bare number tells nothing, does it?"""

    def all_of(rows: Any, actor: Actor, verb: str, **_: Any) -> Any:
        return rows.filter(within(actor.scopes.get(verb, ())))

    patch.setattr(counts, "reach", all_of)
    patch.setattr(lists, "reach", all_of)


@leak()
def his_page_takes_longer(patch: Patch) -> None:
    """A look whether there is something to hide from him, and one more when there is."""
    right = counts.count_turn

    def count(actor: Actor, **named: Any) -> Any:
        if Matter.objects.filter(accused_id=actor.id, words__startswith="修路").exists():
            Place.objects.filter(code=actor.home).exists()
        return right(actor, **named)

    patch.setattr("lianhu.desk.home.count_turn", count)


@leak(accused="county")
def the_ledger_shows_him_what_names_him(patch: Patch) -> None:
    """He sits in the office that reads of such reports, and nobody takes his own out."""
    patch.setattr(
        "lianhu.territory.queries.ledger._entries",
        lambda actor: reach(Entry.objects, actor, "ledger.read"),
    )


@leak(accused="county")
def the_list_of_his_office_shows_his_own(patch: Patch) -> None:
    """He sits in the office that has them, and sees what it has."""

    def all_of(rows: Any, actor: Actor, verb: str, **named: Any) -> Any:
        seen = reach(rows, actor, verb, **named).values("pk")
        official = within(actor.scopes.get(f"{verb}+official", ())) & Q(row_class=OFFICIAL)
        return rows.filter(Q(pk__in=seen) | official)

    patch.setattr(lists, "reach", all_of)


@leak(steps=PHONED)
def a_letter_waits_in_the_village(patch: Patch) -> None:
    """What cannot be judged waits with the sender's own village, whatever it is about."""
    right = receiving._where

    def where(actor: Actor, text: str) -> tuple[str, str, str, int | None]:
        _, _, kind, number = right(actor, text)
        return actor.home, RowClass.ORDINARY, kind, number

    patch.setattr(receiving, "_where", where)


@leak(steps=PHONED)
def it_waits_in_the_village_for_half_an_hour(patch: Patch) -> None:
    """What has just come is in everybody's list until it is known what it is: gone again before
    anything else happens."""
    right = waiting.list_waiting

    def listed(actor: Actor, **asked: str) -> Any:
        seen = right(actor, **asked).values("pk")
        new = Q(received_at__gt=timezone.now() - timedelta(minutes=30), row_class=OFFICIAL)
        rows = Letter.objects.filter(Q(pk__in=seen) | new).order_by("received_at", "id")
        return rows.select_related("user", "device")

    patch.setattr("lianhu.desk.letters.list_waiting", listed)


@leak(steps=(*PHONED, *["days_went_by"] * 2))
def its_number_is_missing(patch: Patch) -> None:
    """Letters that the village may not read do not count as come: it asks after them."""
    plain = SimpleNamespace(objects=Letter.objects.filter(row_class=RowClass.ORDINARY))
    patch.setattr("lianhu.letters.queries.unheard.Letter", plain)


@leak()
def it_lies_in_the_village(patch: Patch) -> None:
    """The report is filed where it happened, and without its class."""
    patch.setattr("lianhu.matters.actions.report.COUNTY_LENGTH", 17)
    patch.setattr("lianhu.territory.queries._narrow", lambda inside, *_, **__: inside)


@leak()
def a_step_is_noted_in_the_village(patch: Patch) -> None:
    """A step is noted under the village that the report is about."""

    def also(*args: Any, **named: Any) -> dict[str, Any]:
        matter = Matter.objects.get(id=args[3])
        audit.record(args[0], args[1], args[2], args[3], matter.subject_place, at=named["at"])
        return named

    _recorded(patch, also)
