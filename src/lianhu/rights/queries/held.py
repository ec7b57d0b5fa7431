"""All that is held of one household, each field in words with its purpose.

Shown to the household itself and, in its copy, by who answers its request. Behind a wall: care
episodes (read by two people only), matters that somebody of the household reported in confidence
(also from the others of the household), and what a visitor wrote when such a matter came of it.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from lianhu.grading.models import Fact
from lianhu.grading.queries.waiting import own_facts
from lianhu.kernel.catalogue import read
from lianhu.kernel.masking import mask_id, mask_phone
from lianhu.matters.models import Matter
from lianhu.people.keys import bring_keys
from lianhu.people.models import Change, Household, Person, Proposal
from lianhu.people.rules import (
    CHANGE_WORDS,
    ENDINGS,
    RELATION_WORDS,
    RESIDENCE_WORDS,
    SEX_WORDS,
    Residence,
    Sex,
    is_minor,
)
from lianhu.rights.queries.fields import Told, told
from lianhu.rights.queries.own import Resident
from lianhu.territory.models import RowClass
from lianhu.visits.models import Visit

MOST = 1000  # rows of one kind in a copy; a page shows fewer


@dataclass(frozen=True, slots=True)
class HeldField:
    """A field as the household reads it."""

    name: str
    label: str
    value: str
    told: Told


@dataclass(frozen=True, slots=True)
class HeldPerson:
    """A member of the household."""

    id: UUID
    name: str
    relation: str
    is_self: bool
    restricted_on: date | None
    fields: list[HeldField]


@dataclass(frozen=True, slots=True)
class HeldVisit:
    """A visit as the visitor recorded it."""

    on: date
    by: str
    duties: list[str]
    words: str


@dataclass(frozen=True, slots=True)
class HeldChange:
    """A change of the register."""

    on: date
    what: str
    fields: str
    by: str


@dataclass(frozen=True, slots=True)
class Held:
    """Everything of a household that may be shown to it."""

    place: str
    fields: list[HeldField]
    persons: list[HeldPerson]
    former: list[tuple[str, str, date | None]]
    facts: list[Fact]
    visits: list[HeldVisit]
    matters: list[Matter]
    proposals: list[Proposal]
    changes: list[HeldChange]
    visit_told: Told
    matter_told: Told
    fact_told: Told


def held(resident: Resident, *, today: date, most: int = MOST) -> Held:
    """What is held of a household, whoever of it asks. Eight queries."""
    home = resident.household
    # open to all: asked only for the household's own page or copy.
    people = list(
        Person.objects.filter(household_id=home.id)
        .select_related("key")
        .order_by("relation", "born_on", "id")
    )
    place = resident.where
    # open to all: as above.
    said = Proposal.objects.filter(household_id=home.id).select_related("person__key")
    # open to all: as above.
    changed = Change.objects.filter(household_id=home.id).select_related("person__key")
    changed = changed.order_by("-at", "-id")
    return Held(
        place=place,
        fields=_of_household(home, place),
        persons=[_person(p, resident, today) for p in people if p.ended_on is None],
        former=[
            (p.name, ENDINGS.get(p.ended_how, ""), p.ended_on) for p in people if p.ended_on
        ],
        facts=own_facts(home.id),
        visits=own_visits(home.id, most=most),
        matters=own_matters(home.id, most=most),
        proposals=bring_keys(said.order_by("-at", "-id")[:most], "values_sealed"),
        changes=[_change(row) for row in bring_keys(changed[:most], "values_sealed")],
        visit_told=told("visits.Visit.words"),
        matter_told=told("matters.Matter.words"),
        fact_told=told("grading.Fact.kind"),
    )


def members_of(household_id: UUID) -> list[Person]:
    """The living members of a household, head first. One query."""
    # scoped by the household, which the caller was given by its session or through reach().
    rows = Person.objects.filter(household_id=household_id, ended_on=None)
    return list(rows.order_by("relation", "born_on", "id"))


def restricted_in(household_id: UUID) -> list[Person]:
    """Whose data of a household was set aside. One query."""
    # scoped by the household, likewise.
    rows = Person.objects.filter(household_id=household_id).exclude(restricted_on=None)
    return list(rows.order_by("id"))


def own_matters(household_id: UUID, *, most: int, running: bool = False) -> list[Matter]:
    """Ordinary matters of a household, newest first: what somebody of it said in confidence is
    not for the others. One query."""
    # open to all: asked only for the household's own page or copy.
    rows = Matter.objects.filter(household_id=household_id, row_class=RowClass.ORDINARY)
    if running:
        rows = rows.filter(is_open=True)
    return list(rows.order_by("-received_at", "id")[:most])


def own_visits(household_id: UUID, *, most: int) -> list[HeldVisit]:
    """Visits to a household, latest first. Two queries."""
    # open to all: asked only for the household's own page or copy.
    rows = list(
        Visit.objects.filter(household_id=household_id).order_by("-on", "-received_at")[:most]
    )
    became = [row.matter_id for row in rows if row.matter_id]
    # open to all: as above; of confidential matters only that they are.
    behind = set(
        Matter.objects.filter(id__in=became)
        .exclude(row_class=RowClass.ORDINARY)
        .values_list("id", flat=True)
    )
    duties = read("duties.toml")["duties"]
    return [
        HeldVisit(
            row.on,
            row.visitor_name,
            [duties[d] for d in row.duties if d in duties],
            "" if row.matter_id in behind else row.words,
        )
        for row in rows
    ]


def _of_household(home: Household, place: str) -> list[HeldField]:
    spot = "有，只到院落" if home.lon is not None else ""
    shown = (
        ("place", "在哪个网格", place), ("code", "户号", home.code),
        ("head_name", "户主", home.head_name), ("address", "住址", home.address),
        ("size", "人口", f"{home.size} 人"), ("lon", "地图上的位置", spot),
    )  # fmt: skip
    return [
        HeldField(name, label, value or "没有登记", told(f"people.Household.{name}"))
        for name, label, value in shown
    ]


def _person(person: Person, resident: Resident, today: date) -> HeldPerson:
    """A member: ID numbers masked; another adult's phone too, for it may be a way to her."""
    is_self = person.id == resident.person.id
    whole = is_self or is_minor(person.born_on, today)
    numbers = [n for n in (person.phone, *person.more_phones) if n]
    born = person.born_on.isoformat() if person.born_on else person.born_month
    where = f"{RESIDENCE_WORDS[Residence(person.residence)]} {person.away_to}".strip()
    shown = (
        ("name", "姓名", person.name),
        ("relation", "和户主的关系", RELATION_WORDS.get(person.relation, "")),
        ("sex", "性别", SEX_WORDS[Sex(person.sex)] if person.sex else ""),
        ("born_on", "生日", born),
        ("residence", "在家还是外出", where),
        ("id_sealed", "身份证号", mask_id(person.id_number)),
        ("phone_sealed", "电话", "、".join(n if whole else mask_phone(n) for n in numbers)),
    )
    fields = [
        HeldField(name, label, value or "没有登记", told(f"people.Person.{name}"))
        for name, label, value in shown
    ]
    relation = RELATION_WORDS.get(person.relation, "")
    return HeldPerson(person.id, person.name, relation, is_self, person.restricted_on, fields)


FIELD_WORDS = {
    "name": "姓名", "relation": "和户主的关系", "sex": "性别", "born_on": "生日",
    "id_number": "身份证号", "phone": "电话", "residence": "在家或外出", "head": "户主",
    "address": "住址", "code": "户号", "place": "地方",
}  # fmt: skip


def _change(row: Change) -> HeldChange:
    fields = "、".join(FIELD_WORDS[f] for f in row.values if f in FIELD_WORDS)
    return HeldChange(row.on, CHANGE_WORDS.get(row.kind, row.kind), fields, row.actor_name)
