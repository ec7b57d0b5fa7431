"""Read households and persons within the actor's reach, masked by default."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Substr

from lianhu.kernel.actor import Actor
from lianhu.kernel.direct import read_rows, uuid_value
from lianhu.kernel.errors import NotPermitted
from lianhu.kernel.masking import mask_id, mask_name, mask_phone
from lianhu.kernel.seal import blind
from lianhu.people.models import (
    Change,
    Household,
    ImportDraft,
    Person,
    Proposal,
    RegisterImport,
)
from lianhu.people.rules import (
    ENDINGS,
    PROPOSAL_WORDS,
    RELATION_WORDS,
    RESIDENCE_WORDS,
    SEX_WORDS,
    Residence,
    Sex,
    age_on,
)
from lianhu.territory.queries import reach, within


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A person as a page shows them: masked unless the actor knows the village's names."""

    id: UUID
    name: str
    relation: str
    sex: str
    age: int | None
    residence: str
    id_number: str
    phone: str
    name_masked: bool
    ended_on: date | None = None
    ended: str = ""


def shown_name(actor: Actor, name: str, place: str) -> str:
    """The name in whole for those who know the village anyway, else masked."""
    return name if actor.holds("person.names", place) else mask_name(name)


HOUSEHOLD_ORDERS = {
    "": ("place_id", "code", "id"),
    "name": ("head_initials", "head_name", "id"),
    "-size": ("-size", "id"),
    "code": ("code", "id"),
}


def list_households(
    actor: Actor, *, under: str = "", words: str = "", order: str = ""
) -> QuerySet[Household]:
    """Living households at or below a place, by place and code unless `order` says another;
    `words` filters by head's name, initials or code."""
    rows = reach(Household.objects, actor, "household.read").filter(ended_on=None)
    if under:
        rows = rows.filter(within([under]))
    if words := words.replace("\x00", ""):
        rows = rows.filter(
            Q(head_name__startswith=words) | Q(code=words) | Q(head_initials=words.lower())
        )
    return rows.order_by(*HOUSEHOLD_ORDERS.get(order, HOUSEHOLD_ORDERS[""]))


def get_household(
    actor: Actor, household_id: UUID, *, verb: str = "household.read"
) -> Household:
    """One household; absent and out of reach refuse alike with ``household.not_found``."""
    row = (
        reach(Household.objects, actor, verb)
        .filter(id=household_id)
        .select_related("place")
        .first()
    )
    if row is None:
        raise NotPermitted("household.not_found")
    return row


GRID_OF = 'SELECT "place_id" FROM "people_household" WHERE "id" = %s'


def grid_of(actor: Actor, household_id: UUID) -> str:
    """The grid of a household in reach, and nothing else of it; refuses
    ``household.not_found``."""
    # The place says whether it is in reach: households have no row class.
    for (place,) in read_rows(GRID_OF, [uuid_value(household_id)]):
        if actor.holds("household.read", place):
            return str(place)
    raise NotPermitted("household.not_found")


def list_cards(actor: Actor, household: Household, *, today: date) -> list[PersonCard]:
    """The members of a household in reach, head first, masked. One query."""
    rows = (
        reach(Person.objects, actor, "person.read")
        .filter(household_id=household.id, ended_on=None)
        .order_by("relation", "born_on", "id")
    )
    return [_card(actor, person, today) for person in rows]


def _card(actor: Actor, person: Person, today: date) -> PersonCard:
    return PersonCard(
        id=person.id,
        name=shown_name(actor, person.name, person.place_id),
        relation=RELATION_WORDS.get(person.relation, ""),
        sex=SEX_WORDS[Sex(person.sex)] if person.sex else "",
        age=age_on(person.born_on, today) if person.born_on else None,
        residence=RESIDENCE_WORDS[person.residence]  # type: ignore[index]
        + (f" {person.away_to}" if person.away_to else ""),
        id_number=mask_id(person.id_number),
        phone=mask_phone(person.phone),
        name_masked=not actor.holds("person.names", person.place_id),
        ended_on=person.ended_on,
        ended=ENDINGS.get(person.ended_how, ""),
    )


def get_person(actor: Actor, person_id: UUID, *, verb: str = "person.read") -> Person:
    """One person; absent and out of reach refuse alike with ``person.not_found``."""
    row = reach(Person.objects, actor, verb).filter(id=person_id).first()
    if row is None:
        raise NotPermitted("person.not_found")
    return row


def find_by_id_number(actor: Actor, number: str) -> list[Person]:
    """Persons in reach with exactly this ID number, by the blind index; none for none."""
    index = blind(number.strip().upper(), "person.id")
    if not index:
        return []
    return list(reach(Person.objects, actor, "person.read").filter(id_index=index))


def households_of_grids(actor: Actor, grids: list[str]) -> list[Household]:
    """The living households of grids with all members prefetched. Two queries."""
    return list(
        reach(Household.objects, actor, "household.read")
        .filter(place_id__in=grids, ended_on=None)
        .prefetch_related(Prefetch("persons", Person.objects.filter(ended_on=None)))
        .order_by("place_id", "code", "id")
    )


def count_by_place(
    actor: Actor, codes: Iterable[str], under: str
) -> dict[str, tuple[int, int]]:
    """Households and persons below each of the codes (all of one length). One query.

    Persons are the sum of household sizes.
    """
    wanted = list(codes)
    if not wanted:
        return {}
    rows = (
        list_households(actor, under=under)
        .order_by()
        .annotate(below=Substr("place_id", 1, len(wanted[0])))
        .values("below")
        .annotate(number=Count("id"), heads=Sum("size"))
        .values_list("below", "number", "heads")
    )
    found = {code: (number, heads) for code, number, heads in rows}
    return {code: found.get(code, (0, 0)) for code in wanted}


def find_by_name(actor: Actor, name: str, *, under: str) -> list[Person]:
    """At most 20 persons in reach of exactly this name at or below a place, with their places."""
    return list(
        reach(Person.objects, actor, "person.read")
        .filter(within([under]), name=name, ended_on=None)
        .select_related("place", "household")
        .order_by("place_id", "id")[:20]
    )


def get_draft(actor: Actor, draft_id: UUID, *, lock: bool = False) -> ImportDraft:
    """One's own workbook on its way in; anybody else's refuses ``register.not_found``."""
    rows = reach(ImportDraft.objects, actor, "household.load").filter(actor_id=actor.id)
    if lock:
        rows = rows.select_for_update()
    draft = rows.filter(id=draft_id).first()
    if draft is None:
        raise NotPermitted("register.not_found")
    return draft


def list_drafts(actor: Actor) -> QuerySet[ImportDraft]:
    """One's own workbooks that are on their way in, latest first, without what they hold."""
    rows = reach(ImportDraft.objects, actor, "household.load").filter(actor_id=actor.id)
    sealed = ("content_sealed", "found_sealed", "corrections_sealed")
    return rows.exclude(state="done").defer(*sealed).order_by("-at", "id")


def list_imports(actor: Actor) -> QuerySet[RegisterImport]:
    """Imports in reach, latest first, without their long columns."""
    rows = reach(RegisterImport.objects, actor, "household.load")
    return rows.defer("household_ids", "person_ids", "grown").order_by("-at", "id")


def get_import(actor: Actor, import_id: UUID) -> RegisterImport:
    """One import; absent and out of reach refuse alike with ``register.not_found``."""
    row = list_imports(actor).filter(id=import_id).first()
    if row is None:
        raise NotPermitted("register.not_found")
    return row


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One change of a household as its page tells it."""

    change: Change
    name: str  # of the person it is about, masked unless the actor knows the village's names
    person_id: UUID | None
    values: list[tuple[str, str, str]]  # field, old, new; masked like the fields themselves


def timeline(
    actor: Actor, household: Household, *, person: UUID | None = None, most: int = 50
) -> list[TimelineEntry]:
    """What changed in a household in reach, latest first, or about one of its persons. One query."""
    # scoped by the household, which the caller was given through reach().
    rows = Change.objects.filter(Q(household_id=household.id) | Q(other_id=household.id))
    if person:
        rows = Change.objects.filter(person_id=person)  # scoped by the person, likewise
    rows = rows.select_related("person", "household", "other").order_by("-at", "-id")
    return [_told(actor, row) for row in rows[:most]]


def _told(actor: Actor, row: Change) -> TimelineEntry:
    name = shown_name(actor, row.person.name, row.place_id) if row.person else ""
    values = [
        (
            field,
            _masked(actor, field, pair["old"], row),
            _masked(actor, field, pair["new"], row),
        )
        for field, pair in row.values.items()
        if field not in {"dropped", "version"}
    ]
    return TimelineEntry(row, name, row.person_id, values)


def _masked(actor: Actor, field: str, value: str, row: Change) -> str:
    if field == "id_number":
        return mask_id(value)
    if field == "phone":
        return mask_phone(value)
    if field in {"name", "head"}:
        return shown_name(actor, value, row.place_id)
    words = {"relation": RELATION_WORDS, "sex": SEX_WORDS}.get(field, {})
    return str(words.get(value, value))  # type: ignore[attr-defined]


def list_former(actor: Actor, household: Household) -> list[PersonCard]:
    """Who belonged to a household and died or moved away, latest first. One query."""
    rows = (
        reach(Person.objects, actor, "person.read")
        .filter(household_id=household.id)
        .exclude(ended_on=None)
        .order_by("-ended_on", "id")
    )
    return [_card(actor, person, person.ended_on or date.max) for person in rows]


def list_proposals(actor: Actor) -> QuerySet[Proposal]:
    """What phones said and nobody has decided yet, oldest first."""
    rows = reach(Proposal.objects, actor, "household.change").filter(state="open")
    return rows.select_related("household", "person").order_by("at", "id")


def proposals_of_grids(actor: Actor, grids: list[str], *, since: datetime) -> list[Proposal]:
    """Open proposals of grids, and those decided lately, oldest first. One query."""
    lately = Q(state="open") | Q(decided_at__gte=since)
    rows = reach(Proposal.objects, actor, "household.read").filter(lately, place_id__in=grids)
    return list(rows.select_related("person").order_by("at", "id"))


def proposal_words(row: Proposal) -> str:
    """What a proposal says, in a few words, without a phone number."""
    values = row.values
    said = [row.person.name if row.person else values.get("name", "")]
    if row.what == "residence":
        where = RESIDENCE_WORDS.get(Residence(values.get("residence", "home")), "")
        said.append(f"{where} {values.get('away_to', '')}".strip())
    elif row.what == "relation":
        said.append(f"关系是{values.get('relation', '')}")
    else:
        said.append(PROPOSAL_WORDS.get(row.what, row.what))
    return " ".join(part for part in said if part)
