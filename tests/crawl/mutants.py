"""Bugs as people make them, put in one at a time. A crawl that misses one proves nothing."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db.models import Q

from lianhu.accounts.models import User
from lianhu.accounts.queries import actors as accounts
from lianhu.audit.models import Entry
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.ranges import prefix_range
from lianhu.matters.models import Matter
from lianhu.matters.queries import one
from lianhu.people import queries as people
from lianhu.people.models import Household
from lianhu.phone import parcels
from lianhu.territory.models import Place
from lianhu.territory.queries import reach
from lianhu.web.actor import actor_of

Patch = pytest.MonkeyPatch
Change = Callable[[Patch], None]
MATTER, MATTERS, PLACES = "desk/matters/{matter_id}/", "desk/matters/", "desk/places/"
LEDGER, LETTERS, HOUSEHOLD = "desk/ledger/", "desk/letters/", "desk/households/{household_id}/"
PARCELS, MINE = "api/phone/parcels", "api/phone/mine"


@dataclass(frozen=True)
class Mutant:
    """A bug, and what the addresses begin with behind which it sits ("$" stands for the end of
    one): it is hunted there first, by the plan that the whole crawl begins with."""

    change: Change
    near: tuple[str, ...]

    @property
    def name(self) -> str:
        """What the bug is called."""
        return self.change.__name__


MUTANTS: list[Mutant] = []


def mutant(*near: str) -> Callable[[Change], Change]:
    """One more bug."""

    def noted(change: Change) -> Change:
        MUTANTS.append(Mutant(change, near))
        return change

    return noted


def _everything(rows: Any, actor: Actor, verb: str, **_: Any) -> Any:
    return rows.all()


@mutant(MATTER)
def a_page_without_reach(patch: Patch) -> None:
    """One matter is read by its id alone."""
    patch.setattr(one, "reach", _everything)


@mutant(LETTERS)
def a_letter_without_its_verb(patch: Patch) -> None:
    """Whoever may use the desk reads the letters of the place."""
    patch.setattr(
        "lianhu.letters.queries.waiting.reach",
        lambda rows, actor, verb: reach(rows, actor, "desk.use"),
    )


@mutant(MATTERS, LEDGER)
def a_prefix_without_its_boundary(patch: Patch) -> None:
    """Village 200 reads 201 too: the range is taken one digit short."""
    patch.setattr("lianhu.territory.queries.prefix_range", lambda code: prefix_range(code[:-1]))


@mutant(PARCELS)
def a_parcel_cached_without_its_grid(patch: Patch) -> None:
    """Versions are small numbers, and two grids often have the same."""
    kept: dict[int, bytes] = {}
    build = parcels.parcels

    def cached(actor: Actor, wanted: dict[str, int], **more: Any) -> dict[str, bytes]:
        found = build(actor, wanted, **more)
        return {grid: kept.setdefault(wanted[grid], content) for grid, content in found.items()}

    patch.setattr(parcels, "parcels", cached)


@mutant(MINE, PARCELS)
def a_phone_told_what_is_anybodys_own(patch: Patch) -> None:
    """The confidential matters of everybody in the list of one's own."""
    patch.setattr(
        parcels, "list_own", lambda actor, since: Matter.objects.filter(row_class="sensitive")
    )


@mutant("desk/places/export/")
def an_export_that_ignores_the_filter(patch: Patch) -> None:
    """The page is filtered and the file holds the table."""
    patch.setattr(
        "lianhu.desk.export.wanted_households",
        lambda request, actor: (Household.objects.order_by("code"), actor.home, ""),
    )


@mutant(PLACES)
def a_count_over_everything(patch: Patch) -> None:
    """The figures of a village are those of the county."""
    patch.setattr(
        "lianhu.desk.places.count_by_place",
        lambda actor, codes, under: dict.fromkeys(codes, (Household.objects.count(), 0)),
    )


@mutant(PLACES + "$")
def a_search_without_scope(patch: Patch) -> None:
    """The list is scoped; what is searched for is looked up in the table."""

    def found(actor: Actor, *, under: str = "", words: str = "", order: str = "") -> Any:
        if words:
            return Household.objects.filter(head_name__startswith=words).order_by("id")
        return people.list_households(actor, under=under, order=order)

    patch.setattr("lianhu.desk.places.list_households", found)


@mutant(MATTER + "photos/")
def a_photo_by_its_hash_alone(patch: Patch) -> None:
    """A hash is long: who would guess it?"""
    patch.setattr("lianhu.desk.matter.photo_of", lambda actor, matter_id, sha256: sha256)


@mutant(HOUSEHOLD)
def a_refusal_that_names_whom_it_hides(patch: Patch) -> None:
    """Helpful words about a household that is not yours to see."""
    right = people.get_household

    def get(actor: Actor, household_id: Any, **more: Any) -> Any:
        try:
            return right(actor, household_id, **more)
        except NotPermitted:
            row = Household.objects.filter(id=household_id).first()
            if row is None:
                raise
            raise Refusal(f"{row.head_name}家不归您管") from None

    patch.setattr("lianhu.desk.households.get_household", get)


@mutant(MATTER)
def a_log_with_the_words(patch: Patch) -> None:
    """A line for debugging that stayed."""
    right = one.read_matter

    def read(actor: Actor, matter_id: Any) -> Matter:
        matter = right(actor, matter_id)
        logging.getLogger("lianhu.matters").info("reading %s", matter.words)
        return matter

    patch.setattr("lianhu.desk.matter.read_matter", read)


@mutant(LEDGER)
def a_ledger_without_scope(patch: Patch) -> None:
    """Transparency for everybody, about everybody."""
    patch.setattr("lianhu.territory.queries.ledger._entries", lambda actor: Entry.objects.all())


@mutant(MATTER)
def forbidden_instead_of_absent(patch: Patch) -> None:
    """403 for what exists, 404 for what does not: an oracle."""
    right = one.read_matter

    def read(actor: Actor, matter_id: Any) -> Matter:
        try:
            return right(actor, matter_id)
        except NotPermitted:
            if Matter.objects.filter(id=matter_id).exists():
                raise NotPermitted("account.not_permitted") from None
            raise

    patch.setattr("lianhu.desk.matter.read_matter", read)


@mutant(MATTER)
def a_slower_no_for_what_exists(patch: Patch) -> None:
    """Looked up first and judged then: one query more where there is something."""
    right = one.read_matter

    def read(actor: Actor, matter_id: Any) -> Matter:
        if there := Matter.objects.filter(id=matter_id).first():
            Place.objects.filter(code=there.place_id).exists()
        return right(actor, matter_id)

    patch.setattr("lianhu.desk.matter.read_matter", read)


@mutant(MATTERS, PLACES)
def an_unguarded_method(patch: Patch) -> None:
    """OPTIONS was let through for some browser's sake, as whoever answers for the county."""

    def lenient(request: Any) -> Actor:
        if request.method != "OPTIONS":
            return actor_of(request)
        verbs = ("desk.use", "matter.read", "household.read")
        scopes = dict.fromkeys(verbs, ("610921",))
        return Actor(id=User.objects.all()[0].id, name="", scopes=scopes)

    patch.setattr("lianhu.desk.page.actor_of", lenient)


@mutant(MATTER)
def duplicates_suggested_from_next_door(patch: Patch) -> None:
    """What reads alike anywhere is offered for a merge."""
    patch.setattr(
        "lianhu.desk.matter.find_similar",
        lambda *_, **__: list(Matter.objects.filter(row_class="ordinary")[:9]),
    )


@mutant(MINE, PARCELS)
def a_revoked_phone_that_goes_on(patch: Patch) -> None:
    """The device is marked, and nobody looks at the mark."""
    lax = accounts.CALLER.replace('AND d."revoked_at" IS NULL', "")
    patch.setattr(accounts, "CALLER", lax)


@mutant(MATTERS, LEDGER)
def a_term_that_never_ends(patch: Patch) -> None:
    """The last day of a grant is kept and not read."""
    patch.setattr("lianhu.accounts.queries.actors.in_term", lambda on: Q(starts_on__lte=on))


@mutant(MATTER)
def the_accused_reads_the_report(patch: Patch) -> None:
    """Whoever is named in a matter is shown it."""

    def named(rows: Any, actor: Actor, verb: str, **more: Any) -> Any:
        seen = reach(rows, actor, verb, **more).values("pk")
        return rows.filter(Q(pk__in=seen) | Q(accused_id=actor.id))

    patch.setattr(one, "reach", named)


@mutant(MATTERS)
def a_class_that_narrows_nothing(patch: Patch) -> None:
    """Sensitive matters are for the whole village's desk."""
    patch.setattr("lianhu.territory.queries._narrow", lambda inside, *_, **__: inside)
