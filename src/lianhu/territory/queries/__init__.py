"""The one gate, reach(), and reading the tree of places."""

from collections.abc import Collection
from datetime import date
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection
from django.db.models import CharField, F, Func, Manager, Model, Q, QuerySet
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThan

from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.kernel.ranges import prefix_range
from lianhu.territory.models import (
    GuardedRecord,
    Level,
    Place,
    PlaceChange,
    RowClass,
)
from lianhu.territory.rules import ancestors

Row = TypeVar("Row", bound=Model)
# What whoever reported about an official may do about it. All else is the county's: a report taken
# down at a village's counter must not be dispatched, answered or closed in that village.
OF_REPORTERS = frozenset({"matter.read", "matter.add", "matter.rate"})
COUNTY_LENGTH, TOWN_LENGTH, VILLAGE_LENGTH = 6, 9, 12


def within(
    codes: tuple[str, ...] | list[str], column: str = "place_id", *, walked: bool = False
) -> Q:
    """A filter for rows at or below any of the codes: ranges, so that an index serves.

    `walked` says that the rows are wanted in the order of another index, and are many: of a town
    too it is then that index which is walked, of a village one that begins with the village.
    """
    inside = Q(pk__in=[])
    widest = TOWN_LENGTH if walked else COUNTY_LENGTH
    for code in codes:
        first, end = prefix_range(code)
        if walked and len(code) == VILLAGE_LENGTH:
            village = Q(Exact(_VillageOf(F(column)), code))
            if settings.LIANHU_GUARDED:
                # Under row-level security a function of the place finds no index; a range does.
                village &= Q(**{f"{column}__gte": first, f"{column}__lt": end})
            inside |= village
        elif len(code) <= widest and connection.vendor == "sqlite":
            # A county is the whole database. Its range as an index would find every row and then
            # sort them all; without it SQLite walks the order that the list asks for. PostgreSQL
            # weighs that for itself.
            place = _Unindexed(F(column))
            inside |= Q(GreaterThanOrEqual(place, first)) & Q(LessThan(place, end))
        else:
            inside |= Q(**{f"{column}__gte": first, f"{column}__lt": end})
    return inside


class _VillageOf(Func):
    """A place's village as an index says it: the numbers stand in the statement, for SQLite does
    not find an index by values that come later."""

    template = f"%(function)s(%(expressions)s, 1, {VILLAGE_LENGTH})"
    function = "SUBSTRING"
    arity = 1
    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """The name that Django writes into an index there."""
        return self.as_sql(compiler, connection, function="SUBSTR", **extra)


class _Unindexed(Func):
    """A column as SQLite's planner may not look it up in an index: with a unary plus."""

    template = "+%(expressions)s"
    arity = 1
    output_field = CharField()


def reach(
    rows: Manager[Row], actor: Actor, verb: str, *, walked: bool = False, own: bool = True
) -> QuerySet[Row]:
    """Rows inside any place where `actor` holds `verb`; none when they hold none.

    Rows with a row class are narrowed further: sensitive ones to the reporter, the handler and
    the office that holds them; those about an official to the reporter (`OF_REPORTERS`) and to
    holders of "<verb>+official", and in no case to the person accused. Who holds only
    "<verb>+office" sees what their own office holds. For `walked` see `within`.

    `own=False` leaves out what the actor reported about officials, for a caller who asks for
    those apart or for a place where none can lie.
    """
    codes = actor.scopes.get(verb, ())
    column = "code" if rows.model is Place else "place_id"
    inside = within(codes, column, walked=walked)
    if issubclass(rows.model, GuardedRecord):
        inside = _narrow(inside, actor, verb, own=own)
        return rows.filter(inside).exclude(accused_id=actor.id)
    if any(f.name == "row_class" for f in rows.model._meta.fields):
        open_classes = Q(row_class=RowClass.ORDINARY)
        official = within(actor.scopes.get(f"{verb}+official", ()), column)
        return rows.filter(
            (inside & open_classes) | (official & Q(row_class=RowClass.ABOUT_OFFICIAL))
        )
    return rows.filter(inside)


def _narrow(inside: Q, actor: Actor, verb: str, *, own: bool) -> Q:
    """The guarded rows of `reach`, by class."""
    offices = Q(office__in=sorted(actor.offices)) if actor.offices else Q(pk__in=[])
    named = Q(reporter_id=actor.id) | Q(handler_id=actor.id)
    seen = inside & (
        Q(row_class=RowClass.ORDINARY) | (Q(row_class=RowClass.SENSITIVE) & (named | offices))
    )
    if own and verb in OF_REPORTERS and actor.scopes.get(verb):
        seen |= Q(row_class=RowClass.ABOUT_OFFICIAL, reporter_id=actor.id)
    if office := actor.scopes.get(f"{verb}+office"):
        held = offices & ~Q(row_class=RowClass.ABOUT_OFFICIAL)
        seen |= within(office) & (held | (named & ~Q(row_class=RowClass.ABOUT_OFFICIAL)))
    if official := actor.scopes.get(f"{verb}+official"):
        seen |= within(official) & Q(row_class=RowClass.ABOUT_OFFICIAL)
    return seen


def reaches(actor: Actor, row: GuardedRecord, verb: str) -> bool:
    """Whether `reach` with this verb would hold a row already in hand. No query."""
    reporter, handler, accused = (getattr(row, guard) for guard in GuardedRecord.GUARDS)
    if accused == actor.id:
        return False
    if row.row_class == RowClass.ABOUT_OFFICIAL:
        own = verb in OF_REPORTERS and bool(actor.scopes.get(verb)) and reporter == actor.id
        return own or actor.holds(f"{verb}+official", row.place_id)
    named = actor.id in {reporter, handler} or row.office in actor.offices
    plain = row.row_class == RowClass.ORDINARY or named
    return (plain and actor.holds(verb, row.place_id)) or (
        named and actor.holds(f"{verb}+office", row.place_id)
    )


def get_place(code: str) -> Place:
    """The place now answering for `code`, former codes included; refuses ``place.not_found``."""
    # open to all: the divisions of the country are public.
    place = Place.objects.filter(code=code).select_related("successor").first()
    if place is None:
        raise NotPermitted("place.not_found")
    while place.successor is not None:
        place = place.successor
    return place


def former_codes(code: str) -> list[str]:
    """Codes of ended places that `code` now answers for, however far back."""
    found: list[str] = []
    layer = [code]
    while layer:
        # open to all: the divisions of the country are public.
        layer = list(Place.objects.filter(successor__in=layer).values_list("code", flat=True))
        found += layer
    return found


def covering(code: str) -> list[str]:
    """The code with all former codes it answers for: the ranges that make up its subtree now."""
    return [code, *former_codes(code)]


def heirs_under(code: str) -> dict[str, str]:
    """Ended places at or below a code, each with the living place that answers for it. One
    query."""
    # open to all: the divisions of the country are public.
    ended: dict[str, str | None] = dict(
        Place.objects.filter(within([code], "code"))
        .exclude(successor=None)
        .values_list("code", "successor_id")
    )
    heirs: dict[str, str] = {}
    for old, new in ended.items():
        while new in ended:
            new = ended[new]
        if new is not None:
            heirs[old] = new
    return heirs


def place_names(codes: list[str]) -> dict[str, str]:
    """Names of places by code; one query."""
    # open to all: the divisions of the country are public.
    return dict(Place.objects.filter(code__in=codes).values_list("code", "name"))


def names_and_beginnings(codes: Collection[str]) -> dict[str, tuple[str, date | None]]:
    """Names of places by code, and since when they are there; one query."""
    # open to all: the divisions of the country are public.
    rows = Place.objects.filter(code__in=codes).values_list("code", "name", "begun_on")
    return {code: (name, begun) for code, name, begun in rows}


def begun_of(codes: Collection[str]) -> dict[str, date]:
    """Since when places are there, where that is known; one query."""
    # open to all: the divisions of the country are public.
    rows = Place.objects.filter(code__in=codes).values_list("code", "begun_on")
    return {code: begun for code, begun in rows if begun}


def path_of(code: str) -> list[Place]:
    """The places from the county down to `code` itself, by present parentage. One query."""
    # open to all: the divisions of the country are public.
    found = {p.code: p for p in Place.objects.filter(code__in=ancestors(code))}
    path: list[Place] = []
    for step in ancestors(code):
        if step in found:
            place = found[step]
            while place.successor_id and place.successor is not None:
                place = place.successor
            path.append(place)
    return path


def list_children(code: str) -> QuerySet[Place]:
    """Places directly under one, those of merged neighbours included, by code."""
    # open to all: the divisions of the country are public.
    return Place.objects.filter(parent_id__in=covering(code), ended_on=None).order_by("code")


def list_places(level: str, under: str = "") -> QuerySet[Place]:
    """Living places of one level, at or under a code, by code."""
    # open to all: the divisions of the country are public.
    rows: QuerySet[Place, Any] = Place.objects.filter(level=level, ended_on=None)
    return (
        rows.filter(within([under], "code")).order_by("code")
        if under
        else rows.order_by("code")
    )


def heirs() -> dict[str, str]:
    """For each ended place the living one that now answers for it, however far along."""
    # open to all: the divisions of the country are public.
    ended = dict(Place.objects.exclude(successor=None).values_list("code", "successor_id"))

    def last(code: str) -> str:
        while (step := ended.get(code)) is not None:
            code = step
        return code

    return {code: last(code) for code in ended}


def find_villages(words: str) -> list[Place]:
    """Living villages whose present or former name holds the words, by code. Three queries."""
    # open to all: the divisions of the country are public.
    named = Place.objects.filter(level=Level.VILLAGE, name__contains=words)
    codes = set(named.values_list("code", flat=True))
    # open to all: the divisions of the country are public.
    once = PlaceChange.objects.filter(place__level=Level.VILLAGE, old_name__contains=words)
    codes.update(once.values_list("place_id", flat=True))
    now = heirs()
    # open to all: the divisions of the country are public.
    rows = Place.objects.filter(code__in={now.get(c, c) for c in codes}, ended_on=None)
    return list(rows.select_related("parent").order_by("code"))
