"""A small county in which every row of every village says whose it is.

Two towns, five villages and a former one. Their codes are as alike as codes can be: 200 and 201
and 210, groups 01 and 10, so that a prefix cut one digit short reaches the neighbour.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone

from lianhu.accounts.models import (
    Device,
    FactorReset,
    Grant,
    Identity,
    Passkey,
    Session,
    User,
)
from lianhu.accounts.queries.actors import digest
from lianhu.audit.models import Entry, Epoch
from lianhu.grading.models import Appeal, CareEpisode, Fact, Grade, RuleTable
from lianhu.grading.rules.table import default_tables, table_content
from lianhu.grids.models import Standing
from lianhu.kernel.seal import seal
from lianhu.letters.models import Letter
from lianhu.matters.models import Attachment, Matter, Step
from lianhu.matters.queries.search import index_text
from lianhu.media.models import Photo
from lianhu.media.queries import photo_path
from lianhu.people.models import (
    Assessment,
    Change,
    Export,
    Household,
    ImportDraft,
    MinorLook,
    Person,
    Proposal,
    RegisterImport,
)
from lianhu.postings.models import Posting
from lianhu.rights.models import Opening, Request
from lianhu.territory.actions import load_places, make_place
from lianhu.territory.models import Place, Resource
from lianhu.visits.models import Cadence, Visit
from tests import cast
from tests.crawl.canaries import Cage, Canary, Owner

COUNTY, NEAR_TOWN, FAR_TOWN = "610921", "610921104", "610921107"
HOME, FORMER = "610921104200", "610921104209"
VILLAGES = (HOME, "610921104201", "610921104210", "610921107200", "610921107201")
HOME_GRID = f"{HOME}01001"
SPOTS = (
    HOME_GRID, f"{HOME}01010", f"{HOME}10001", f"{FORMER}01001",
    *(f"{village}01001" for village in VILLAGES[1:]), f"{VILLAGES[1]}10001",
)  # fmt: skip
HOUSING = f"{NEAR_TOWN}:housing"
DISCIPLINE = f"{COUNTY}:discipline"
# Text that is code or chosen from a list: it says nothing that a canary could stand for.
CODED = {"office", "kind", "verb", "category", "top", "source", "object_kind", "password", "what",
         "code:Letter", "ended_how", "origin_kind", "subject_place", "place_id", "born_month",
         "identity", "value", "sha256", "row_class", "role", "credential", "place", "object_id",
         "digest", "refusal",
         # A phone that has one waits for the desk and is good for nothing.
         "confirm_code"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that an address can name."""

    value: str
    owner: Owner
    table: str


@dataclass(slots=True)
class County:
    """What was built: the canaries, the things by table, and who is who."""

    cage: Cage
    things: dict[str, list[Thing]] = field(default_factory=dict)
    now: datetime = field(default_factory=timezone.now)
    people: dict[str, User] = field(default_factory=dict)
    numbers: int = 0

    @property
    def today(self) -> date:
        """The day on which everything happens."""
        return timezone.localdate(self.now)

    def put(self, model: type[models.Model], owner: Owner, **given: Any) -> Any:
        """A row of a table with a canary in every free text that was not given."""
        table = model.__name__
        row = model(**given)
        for column in model._meta.concrete_fields:
            name = column.attname
            if column.primary_key and isinstance(column, models.UUIDField):
                if name not in given:
                    setattr(row, name, self.cage.identity(Canary(owner, table, "id")))
                self.things.setdefault(table, []).append(
                    Thing(str(getattr(row, name)), owner, table)
                )
            elif name not in given and name == "handset":
                setattr(row, name, self.cage.identity(Canary(owner, table, name)))
            elif name not in given and is_free(column):
                room = column.max_length or 200
                setattr(row, name, self.cage.text(Canary(owner, table, name), room))
        row.save(force_insert=True)
        return row

    def seal(self, owner: Owner, table: str, column: str, purpose: str) -> bytes:
        """A sealed value with a canary in it."""
        text = self.cage.text(Canary(owner, table, column), 40)
        return seal(json.dumps({"words": {"old": text, "new": text}}), purpose)

    def fresh(self, owner: Owner, table: str, column: str) -> str:
        """A phone number of nobody else's."""
        self.numbers += 1
        return self.cage.number(Canary(owner, table, column), f"139{70000000 + self.numbers}")


def is_free(column: Any) -> bool:
    """Whether a column holds text that people write."""
    kept = {column.attname, f"{column.attname}:{column.model.__name__}"}
    return (
        isinstance(column, models.CharField | models.TextField)
        and not column.is_relation
        and not column.primary_key
        and not column.choices
        and not kept & CODED
    )


def build(
    seed: int,
    before: Callable[[County], None] = lambda county: None,
    *,
    now: datetime | None = None,
) -> County:
    """The whole county, in the caller's transaction; `before` runs when there are places only."""
    county = County(Cage(seed), now=now or timezone.now())
    codes = {COUNTY, *SPOTS, *VILLAGES, FORMER}
    codes |= {code[:length] for code in SPOTS for length in (9, 12, 14)}
    load_places(make_place(code, f"地方{code[-3:]}") for code in sorted(codes, key=len))
    Place.objects.filter(code=FORMER).update(ended_on=date(2022, 1, 1), successor=HOME)
    before(county)
    for grid in SPOTS:
        fill(county, grid)
    for village in (*VILLAGES, FORMER):
        seat(county, village)
    table = Owner(COUNTY, "public")
    county.put(
        RuleTable, table, place_id=COUNTY, content=table_content(default_tables()[0]),
        since=county.today,
        made_at=county.now, made_by_name="县里", published_by_name="县里", published_at=county.now,
    )  # fmt: skip
    county.put(Assessment, Owner(COUNTY), place_id=COUNTY, kind="other", proceed=True,
               made_at=county.now, made_by=UUID(int=9))  # fmt: skip
    county.put(Cadence, table, place_id=COUNTY, since=county.today, red=7, yellow=30, green=90,
               first=14, per_day=6, made_at=county.now)  # fmt: skip
    Epoch.objects.get_or_create(id=1, defaults={"value": UUID(int=7)})
    return county


def fill(county: County, grid: str) -> None:
    """One row of every table that is placed in a grid, or belongs to what is."""
    own = Owner(grid)
    worker, supervisor = (person(county, own) for _ in range(2))
    key = UUID(int=county.cage.dice.getrandbits(128), version=4)
    own = Owner(grid, household=str(key))
    county.cage.name(key, Canary(own, "Household", "id"))
    home = county.put(Household, own, id=key, place_id=grid, size=2)
    for relation in ("02", "10"):
        register(county, own, home, relation)
    head = Person.objects.filter(household=home, relation="02").get()
    at = {"at": county.now, "actor_id": worker.id}
    county.put(Change, own, place_id=grid, household=home, person=head, kind="phone",
               on=county.today, **at)  # fmt: skip
    county.put(Proposal, own, place_id=grid, household=home, person=head, what="phone",
               base_version=1, proposer_id=worker.id, at=county.now)  # fmt: skip
    for model in (Change, Proposal):
        row = model.objects.get(household=home)
        name = model.__name__
        row.values_sealed = county.seal(own, name, "values", f"{name.lower()}.values.{row.id}")
        row.save()
    county.put(Visit, own, place_id=grid, household=home, visitor=worker, on=county.today,
               received_at=county.now)  # fmt: skip
    colours(county, own, home, worker, supervisor)
    for row_class in ("ordinary", "sensitive", "about_official"):
        matter(county, own, home, row_class, worker)
    county.put(Entry, own, at=county.now, actor_id=worker.id, verb="household.change",
               object_kind="household", object_id=str(home.id), place_id=grid)  # fmt: skip
    there = county.put(Resource, Owner(grid), place_id=grid, kind="doctor", starts_on=county.today,
                       ended_by_name="", end_words="", made_at=county.now)  # fmt: skip
    there.set_phone(county.fresh(Owner(grid), "Resource", "phone"))
    there.save()
    if not Standing.objects.filter(place_id=grid[:14]).exists():
        county.put(Standing, Owner(grid), place_id=grid[:14], village_id=grid[:12], grids=1, people=9,
                   looked_on=county.today, households=3, by_rule=2, outside=1, waiting=1, drift=0.1,
                   walk_m=9.0, offers_fresh=True)  # fmt: skip
    for name in ("RegisterImport", "ImportDraft"):
        brought(county, own, name, worker)
    # Asked for by somebody of the grid, and waiting for a second person of the village.
    asked = Owner(grid, users=frozenset({str(worker.id)}))
    county.put(Export, asked, place_id=grid, name="households", purpose="check", persons=30, tier=1,
               asker=worker, asked_at=county.now, second_words="",
               ends_at=county.now + timedelta(hours=72))  # fmt: skip
    county.put(MinorLook, asked, place_id=grid, person=head, field="phone", purpose="contact",
               consent="", asker=worker, asked_at=county.now, second_words="",
               ends_at=county.now + timedelta(hours=72))  # fmt: skip
    # Opened in an emergency by somebody of the grid, and waiting for the town to review it.
    opening = county.put(Opening, asked, place_id=grid, household=home, matches=1, actor=worker,
                         opened_at=county.now, review_words="",
                         ends_at=county.now + timedelta(hours=1))  # fmt: skip
    opening.set_words(county.cage.text(Canary(asked, "Opening", "words"), 40))
    opening.save()
    letters(county, own, worker)


def person(county: County, owner: Owner) -> User:
    """Somebody of a grid who signs in and is none of the callers."""
    return county.put(User, owner, password="!")  # type: ignore[no-any-return]


def register(county: County, own: Owner, home: Household, relation: str) -> None:
    """A registered person with an ID number and a phone."""
    row = county.put(
        Person, own, household=home, place_id=home.place_id, relation=relation, sex="1",
        born_on=date(1960, 3, len(county.things.get("Person", ())) % 28 + 1),
    )  # fmt: skip
    county.numbers += 1
    first = f"9993211950{county.numbers:07d}"
    number = first + cast.check_digit(first)
    row.set_id_number(county.cage.number(Canary(own, "Person", "id_number"), number))
    row.set_phone(county.fresh(own, "Person", "phone"))
    row.save()


def colours(county: County, own: Owner, home: Household, worker: User, other: User) -> None:
    """Facts, a decision, an appeal, a request, and a care episode of a household."""
    day, now = county.today, county.now
    county.put(Fact, own, household=home, kind="lives_alone", since=day, recorded_by=worker.id,
               recorded_at=now)  # fmt: skip
    grade = county.put(
        Grade, own, household=home, colour="yellow", state="held", proposed_by=worker.id,
        proposed_at=now, confirmed_by=other.id, confirmed_at=now, starts_on=day,
        lapses_on=day + timedelta(days=200),
    )  # fmt: skip
    county.put(Appeal, own, household=home, grade=grade, made_at=now, due_on=day)
    county.put(Request, own, household=home, kind="explain", channel="board", made_at=now,
               due_on=day)  # fmt: skip
    secret = Owner(own.place, "care", users=frozenset({str(worker.id), str(other.id)}))
    care = county.put(
        CareEpisode, secret, household=home, worker=worker, supervisor=other, row_class="care",
        basis="consent", opened_on=day, ends_on=day + timedelta(days=90),
    )  # fmt: skip
    care.set_words(
        json.dumps({"wish": county.cage.text(Canary(secret, "CareEpisode", "words"), 40)})
    )
    care.save()


def matter(county: County, own: Owner, home: Household, row_class: str, worker: User) -> None:
    """A matter with its step and its photo; the home grid's also lies with the housing office,
    and of officials the village's first is accused."""
    official = row_class == "about_official"
    confidant = worker if row_class != "ordinary" else None
    ref = county.cage.text(Canary(own, "Matter", "ref"), 10)
    office = HOUSING if own.place.startswith(NEAR_TOWN) and row_class == "ordinary" else ""
    accused = county.people.get(f"secretary {own.place[:12]}") if official else None
    owner = Owner(
        COUNTY if official else own.place, row_class, ref=ref, household=own.household, office=office,
        accused=str(accused.id) if accused else "",
        users=frozenset({str(worker.id)}) if row_class != "ordinary" else frozenset(),
    )  # fmt: skip
    county.cage.known[ref.encode()] = Canary(owner, "Matter", "ref")
    county.things.setdefault("Ref", []).append(Thing(ref, owner, "Matter"))
    row = county.put(
        Matter, owner, place_id=owner.place, row_class=row_class, office=office, ref=ref,
        category="environment", top="environment", household=None if official else home,
        reporter=confidant, handler=confidant, accused=accused, source="phone", captured_at=county.now,
        received_at=county.now, due_on=county.today, subject_place=own.place if official else "",
        origin_kind="", step_count=1,
    )  # fmt: skip
    row.set_reporter_phone(county.fresh(owner, "Matter", "reporter_phone"))
    row.save()
    step = county.put(Step, owner, matter=row, number=1, verb="report", at=county.now,
                      actor_id=worker.id, office="")  # fmt: skip
    index_text(row, row.words)
    index_text(row, step.words)
    photo(county, owner, row, step, worker)
    facts = {"accused": str(accused.id)} if accused else {}
    county.put(Entry, owner, at=county.now, actor_id=worker.id, verb="matter.report",
               object_kind="matter", object_id=str(row.id), place_id=owner.place,
               row_class=row_class, facts=facts)  # fmt: skip


def photo(county: County, owner: Owner, row: Matter, step: Step, worker: User) -> None:
    """A stored photo whose bytes are a canary too."""
    words = county.cage.text(Canary(owner, "Photo", "bytes"), 30)
    name = hashlib.sha256(words.encode()).hexdigest()
    county.cage.known[name.encode()] = Canary(owner, "Attachment", "sha256")
    county.things.setdefault("Photo", []).append(Thing(name, owner, "Photo"))
    county.put(Photo, owner, sha256=name, uploader=worker, received_at=county.now, width=1,
               height=1, stored_bytes=len(words))  # fmt: skip
    county.put(Attachment, owner, matter=row, step=step, sha256=name)
    path = photo_path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\xff\xd8" + words.encode())


def brought(county: County, own: Owner, name: str, worker: User) -> None:
    """A register on its way in, or one that came in."""
    common = {"place_id": own.place, "at": county.now, "actor_id": worker.id, "file_sha256": ""}
    if name == "ImportDraft":
        mine = Owner(own.place, "draft", users=frozenset({str(worker.id)}))
        county.put(ImportDraft, mine, began_at=county.now, refusal_words="", state="ready",
                   expires_at=county.now + timedelta(days=1), **common)  # fmt: skip
        return
    county.put(
        RegisterImport, own, households=1, persons=2, problems=0, household_ids=b"",
        person_ids=b"", digest="", **common,
    )  # fmt: skip


def letters(county: County, own: Owner, worker: User) -> None:
    """Letters that wait for a person: one for the village, one about an official."""
    county.numbers += 1
    device = county.put(
        Device, own, user=worker, credential=digest(f"none {county.numbers}"),
        enrolled_at=county.now, seen_at=county.now,
    )  # fmt: skip
    for row_class in ("ordinary", "about_official"):
        place = own.place if row_class == "ordinary" else COUNTY
        owner = Owner(place, row_class)
        words = county.cage.text(Canary(owner, "Letter", "words"), 40)
        body = {"category": "environment", "words": words, "visibility": row_class}
        text = json.dumps({
            "kind": "matter.report/1", "device_seq": 1, "place": place, "body": body,
            "captured_at": county.now.isoformat(),
        })  # fmt: skip
        letter = county.put(
            Letter, owner, text_sealed=b"", text_index=b"",
            user=worker, device=device, kind="matter.report/1", place_id=place, ref="",
            row_class=row_class, received_at=county.now, outcome="held", settled_by="",
            settled_words="", code="letter.out_of_scope",
        )  # fmt: skip
        letter.keep_text(text)
        letter.save()


def seat(county: County, village: str) -> None:
    """Office-holders and posted people of a village. Their names hang on the village's own board;
    what they sign in with, and their phones, do not."""
    own, public = Owner(village), Owner(village, "public")
    for role, place in (("committee", village), ("member", f"{village}01001")):
        user = county.put(User, own, password="!", name="某村干部")
        office = f"{village}:committee" if role == "committee" else ""
        grant = county.put(Grant, own, user=user, role=role, place_id=place, office=office,
                           starts_on=date(2020, 1, 1))  # fmt: skip
        county.put(Device, own, user=user, credential=digest(f"{role} {village}"),
                   enrolled_at=county.now, seen_at=county.now)  # fmt: skip
        comes_in(county, own, user)
        if role == "member":
            county.put(Posting, public, user=user, line="member", place_id=place, grant=grant,
                       starts_on=date(2020, 1, 1))  # fmt: skip


def comes_in(county: County, own: Owner, user: User) -> None:
    """How somebody signs in: a session, a passkey, a link to a provider, a reset that waits."""
    session = county.put(
        Session, own, user=user, session_key=user.id.hex, session_data="", way="password",
        began_at=county.now, expire_date=county.now + timedelta(hours=9),
    )  # fmt: skip
    county.things.setdefault("Session", []).append(Thing(str(session.mark), own, "Session"))
    mine = Owner(own.place, "draft", users=frozenset({str(user.id)}))
    county.put(Passkey, mine, user=user, credential=user.id.bytes, attested=b"x",
               made_at=county.now)  # fmt: skip
    county.put(Identity, own, user=user, issuer="https://id.example", linked_by=user,
               linked_at=county.now)  # fmt: skip
    county.put(FactorReset, own, user=user, asked_by=user, asked_at=county.now)
