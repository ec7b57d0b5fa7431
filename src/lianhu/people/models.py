"""Households and the persons who belong to them."""

import json
from datetime import date

from django.db import models

from lianhu.accounts.models import User
from lianhu.kernel.seal import blind, seal, unseal
from lianhu.people.rules import (
    RELATION_WORDS,
    RESIDENCE_WORDS,
    SEX_WORDS,
    Residence,
    Sex,
    latest_birth,
)
from lianhu.territory.models import PlacedRecord


class Household(PlacedRecord):
    """A household as the village counts it; `place` is its grid, or its group until it has one."""

    # 户号: nine signs in GB/T 31000, but registers carry longer ones of other systems.
    code = models.CharField(max_length=24)
    head_name = models.CharField(max_length=50)
    head_initials = models.CharField(max_length=10, blank=True)
    address = models.CharField(max_length=200, blank=True)
    size = models.PositiveSmallIntegerField(default=0)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    ended_on = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["place", "head_name"], name="household_place_head"),
            models.Index(fields=["place", "ended_on", "size"], name="household_place_count"),
            models.Index(fields=["code"], name="household_code"),
            models.Index(fields=["head_name"], name="household_head"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.head_name}"


class Person(PlacedRecord):
    """A registered person. ID number and phone are sealed; an index finds an equal one."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="persons")
    name = models.CharField(max_length=50)
    relation = models.CharField(max_length=2, choices=list(RELATION_WORDS.items()))
    # "" for relation, sex: the register did not say.
    sex = models.CharField(max_length=1, choices=[(s.value, SEX_WORDS[s]) for s in Sex])
    born_on = models.DateField(null=True)
    born_month = models.CharField(max_length=7, blank=True, default="")  # where no day is known
    residence = models.CharField(
        max_length=4,
        choices=[(r.value, RESIDENCE_WORDS[r]) for r in Residence],
        default=Residence.HOME,
    )
    away_to = models.CharField(max_length=30, blank=True)
    id_sealed = models.BinaryField(default=b"")
    id_index = models.BinaryField(max_length=16, default=b"", db_index=True)
    phone_sealed = models.BinaryField(default=b"")
    phone_index = models.BinaryField(max_length=16, default=b"", db_index=True)
    more_phones_sealed = models.BinaryField(default=b"")
    version = models.PositiveIntegerField(default=1)
    # Who died or moved away stays readable; every list of the living leaves him out.
    ended_on = models.DateField(null=True)
    ended_how = models.CharField(max_length=10, blank=True, default="")
    restricted_on = models.DateField(null=True)  # set aside: revealed only in an emergency

    def __str__(self) -> str:
        return self.name

    @property
    def id_number(self) -> str:
        """The ID number in clear; whoever calls this answers for the purpose."""
        return unseal(self.id_sealed, f"person.id.{self.id}")

    @property
    def phone(self) -> str:
        """The phone number in clear; whoever calls this answers for the purpose."""
        return unseal(self.phone_sealed, f"person.phone.{self.id}")

    @property
    def more_phones(self) -> list[str]:
        """Further numbers in clear; whoever calls this answers for the purpose."""
        return unseal(self.more_phones_sealed, f"person.phones.{self.id}").split()

    @property
    def latest_birth(self) -> date | None:
        """The latest day of birth that the row allows."""
        known = self.born_on or self.born_month
        return latest_birth(self.born_on, self.born_month, "" if known else self.id_number)

    def set_id_number(self, number: str) -> None:
        """Seal an ID number and index it; "" clears both."""
        self.id_sealed = seal(number, f"person.id.{self.id}")
        self.id_index = blind(number, "person.id")

    def set_phone(self, number: str) -> None:
        """Seal a phone number and index it; "" clears both."""
        self.phone_sealed = seal(number, f"person.phone.{self.id}")
        self.phone_index = blind(number, "person.phone")


class RegisterImport(PlacedRecord):
    """One import of a workbook: what it made, so that it can be undone as a whole.

    The identifiers are 16 bytes each, one after the other. `digest` is a sum over what was
    written; another sum at the undo means that something was changed since.
    """

    at = models.DateTimeField()
    actor_id = models.UUIDField()
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    households = models.PositiveIntegerField()
    persons = models.PositiveIntegerField()
    problems = models.PositiveIntegerField()
    household_ids = models.BinaryField()
    person_ids = models.BinaryField()
    grown = models.JSONField(
        default=dict
    )  # households that were there: how many persons joined
    groups = models.JSONField(default=list)  # codes of groups made for it
    digest = models.CharField(max_length=32)
    corrections_sealed = models.BinaryField(default=b"")  # JSON of the cells mended at the desk
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.file_name} {self.at:%Y-%m-%d}"


class ImportDraft(PlacedRecord):
    """A workbook on its way in: sealed, seen only by who brought it, gone when it is applied,
    dropped or forgotten."""

    class State(models.TextChoices):
        """Where it is."""

        READING = "reading", "正在读表"
        READY = "ready", "可以应用"
        REFUSED = "refused", "不能导入"
        APPLYING = "applying", "正在写入"
        DONE = "done", "已导入"

    at = models.DateTimeField()
    actor_id = models.UUIDField()
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State, default=State.READING)
    began_at = models.DateTimeField()  # the reading or writing under way
    rows_read = models.PositiveIntegerField(default=0)
    refusal = models.CharField(max_length=60, blank=True)
    refusal_words = models.CharField(max_length=300, blank=True)
    content_sealed = models.BinaryField(default=b"")
    found_sealed = models.BinaryField(default=b"")
    corrections_sealed = models.BinaryField(default=b"")
    expires_at = models.DateTimeField()
    import_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["actor_id", "at"], name="draft_actor_at")]

    def __str__(self) -> str:
        return f"{self.file_name} {self.state}"


class Change(PlacedRecord):
    """One thing that changed in a household or a person: when, by whom, why, from what to what.

    The timeline of a household and of a person. Values lie sealed: names and numbers are in them.
    """

    household = models.ForeignKey(Household, models.PROTECT, related_name="changes")
    other = models.ForeignKey(Household, models.PROTECT, related_name="+", null=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="changes", null=True)
    kind = models.CharField(max_length=20)
    on = models.DateField()
    words = models.CharField(max_length=200, blank=True)
    values_sealed = models.BinaryField(default=b"")
    at = models.DateTimeField()
    actor_id = models.UUIDField()
    actor_name = models.CharField(max_length=50)

    class Meta:
        indexes = [
            models.Index(fields=["household", "at"], name="change_household_at"),
            models.Index(fields=["person", "at"], name="change_person_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.on}"

    @property
    def values(self) -> dict[str, dict[str, str]]:
        """What changed, by field: `old` and `new`; whoever calls this answers for the purpose."""
        content = unseal(self.values_sealed, f"change.values.{self.id}")
        values: dict[str, dict[str, str]] = json.loads(content or "{}")
        return values


class Proposal(PlacedRecord):
    """What a line person's phone says has changed in a household, until a person decides.

    Its identifier is the letter's. Values lie sealed: names and numbers are in them.
    """

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", "等村里看"
        ACCEPTED = "accepted", "已改"
        DECLINED = "declined", "没有改"

    household = models.ForeignKey(Household, models.PROTECT, related_name="proposals")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    what = models.CharField(max_length=10)
    base_version = models.PositiveIntegerField(default=0)  # of the person, as the phone saw it
    values_sealed = models.BinaryField(default=b"")
    words = models.TextField(blank=True)
    proposer_id = models.UUIDField()
    proposer_name = models.CharField(max_length=50)
    at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    reply = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=50, blank=True)

    class Meta:
        indexes = [models.Index(fields=["place", "state", "at"], name="proposal_place_state")]

    def __str__(self) -> str:
        return f"{self.what} {self.state}"

    @property
    def values(self) -> dict[str, str]:
        """What the phone says, by field; whoever calls this answers for the purpose."""
        content = unseal(self.values_sealed, f"proposal.values.{self.id}")
        values: dict[str, str] = json.loads(content or "{}")
        return values


class Export(PlacedRecord):
    """A list of residents that somebody carries out as a file: asked for, agreed to where it is
    long, taken. The list itself is never kept: it is made anew, as its taker may see it then.
    """

    class State(models.TextChoices):
        """How far it is."""

        ASKED = "asked", "等第二个人同意"
        AGREED = "agreed", "可以取"
        DECLINED = "declined", "没有同意"
        DROPPED = "dropped", "自己撤回了"

    number = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=12)  # of the lists in catalogue/exports.toml
    asked_sealed = models.BinaryField(
        default=b""
    )  # its filters: names are searched for in them
    purpose = models.CharField(max_length=12)
    words = models.CharField(max_length=200, blank=True)
    persons = models.PositiveIntegerField()
    minors = models.PositiveIntegerField(default=0)  # in clear
    tier = models.PositiveSmallIntegerField()  # 0: no second person
    asker = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    second = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    second_words = models.CharField(max_length=200, blank=True)
    ends_at = models.DateTimeField()  # of waiting, then of fetching
    taken = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["asker", "asked_at"], name="export_asker_at"),
            models.Index(fields=["state", "place"], name="export_state_place"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(second=None) | ~models.Q(second=models.F("asker")),
                name="export_two_people",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="agreed", tier__gt=0)
                | models.Q(second__isnull=False),
                name="export_agreed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"

    @property
    def asked(self) -> str:
        """The filters as an address has them."""
        return unseal(self.asked_sealed, f"export.asked.{self.id}")


class MinorLook(PlacedRecord):
    """A look at one hidden field of somebody under age: asked for by one, agreed to by another."""

    class State(models.TextChoices):
        """How far it is."""

        ASKED = "asked", "等第二个人同意"
        AGREED = "agreed", "可以看"
        DECLINED = "declined", "没有同意"

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    field = models.CharField(max_length=12)
    purpose = models.CharField(max_length=12)
    consent = models.CharField(max_length=8, blank=True)  # of catalogue/minors.toml
    words = models.CharField(max_length=200)
    asker = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    second = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    second_words = models.CharField(max_length=200, blank=True)
    ends_at = models.DateTimeField()  # of waiting, then of looking
    taken = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["asker", "person"], name="minor_look_asker"),
            models.Index(fields=["state", "place"], name="minor_look_state_place"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(second=None) | ~models.Q(second=models.F("asker")),
                name="minor_look_two_people",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="agreed") | models.Q(second__isnull=False),
                name="minor_look_agreed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.state}"


class Assessment(PlacedRecord):
    """What handling personal data in a new way does to people, written before it is done; `place`
    is the county. Never edited and never deleted (个人信息保护法, 55 and 56)."""

    kind = models.CharField(max_length=12)  # of catalogue/assessments.toml
    subject = models.UUIDField(null=True)  # of what, where it is a row of a higher wing
    title = models.CharField(max_length=100)
    purpose = models.TextField()
    necessity = models.TextField()
    risks = models.TextField()
    measures = models.TextField()
    proceed = models.BooleanField()
    made_at = models.DateTimeField()
    made_by = models.UUIDField()
    made_by_name = models.CharField(max_length=50)

    class Meta:
        indexes = [
            models.Index(fields=["place", "kind", "subject"], name="assessment_of"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.made_at:%Y-%m-%d}"
