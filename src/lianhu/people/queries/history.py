"""How a household came to be as it is, who belonged to it, and what phones say of it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from lianhu.kernel.actor import Actor
from lianhu.kernel.masking import mask_id, mask_phone
from lianhu.people.keys import bring_keys
from lianhu.people.models import Change, Household, Person, Proposal
from lianhu.people.queries import PersonCard, card_of, shown_name
from lianhu.people.rules import (
    PROPOSAL_WORDS,
    RELATION_WORDS,
    RESIDENCE_WORDS,
    SEX_WORDS,
    Residence,
)
from lianhu.territory.queries import reach, within


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
    """What changed in a household in reach, latest first, or about one of its persons. One query,
    two where persons of it live elsewhere by now."""
    # scoped by the household, which the caller was given through reach().
    rows = Change.objects.filter(Q(household_id=household.id) | Q(other_id=household.id))
    if person:
        rows = Change.objects.filter(person_id=person)  # scoped by the person, likewise
    rows = rows.select_related("person__key", "household", "other").order_by("-at", "-id")
    return [_told(actor, row) for row in bring_keys(rows[:most], "values_sealed")]


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
        .select_related("key")
        .order_by("-ended_on", "id")
    )
    return [card_of(actor, person, person.ended_on or date.max) for person in rows]


PROPOSAL_ORDERS = {
    "": ("at", "id"),
    "-at": ("-at", "id"),
    "place": ("place_id", "at", "id"),
}


def list_proposals(
    actor: Actor, *, under: str = "", what: str = "", order: str = ""
) -> QuerySet[Proposal]:
    """What phones said and nobody has decided yet, of one kind, oldest first unless `order` says
    another."""
    rows = reach(Proposal.objects, actor, "household.change").filter(state="open")
    if under:
        rows = rows.filter(within([under]))
    if what:
        rows = rows.filter(what=what)
    return rows.select_related("household", "person__key").order_by(
        *PROPOSAL_ORDERS.get(order, PROPOSAL_ORDERS[""])
    )


def proposals_of_grids(actor: Actor, grids: list[str], *, since: datetime) -> list[Proposal]:
    """Open proposals of grids, and those decided lately, oldest first. One query."""
    lately = Q(state="open") | Q(decided_at__gte=since)
    rows = reach(Proposal.objects, actor, "household.read").filter(lately, place_id__in=grids)
    rows = rows.select_related("person__key").order_by("at", "id")
    return bring_keys(rows, "values_sealed")


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
