"""What changed in a household, and what phones say has changed."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db import models

from lianhu.people.keys import Owned
from lianhu.people.models.households import Household, Person
from lianhu.territory.models import PlacedRecord


class Valued(Owned, PlacedRecord):
    """A row about a household, or one of its persons, that keeps values by field under seal: by the
    person's key, or the ring's where it is about nobody."""

    KEY_BY = ("person", "key")
    SEALED_FOR: ClassVar[str]  # "table.field"

    person_id: UUID | None
    values_sealed = models.BinaryField(default=b"")

    class Meta:
        abstract = True

    @property
    def owner(self) -> UUID | None:
        """Whose key seals."""
        return self.person_id

    @property
    def values(self) -> dict[str, Any]:
        """The values by field; whoever calls this answers for the purpose."""
        content = self.unseal_own(self.values_sealed, f"{self.SEALED_FOR}.{self.id}")
        values: dict[str, Any] = json.loads(content or "{}")
        return values

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Seal the values; none clears them."""
        content = json.dumps(values, ensure_ascii=False) if values else ""
        self.values_sealed = self.seal_own(content, f"{self.SEALED_FOR}.{self.id}")


class Change(Valued):
    """One thing that changed in a household or a person: when, by whom, why, from what to what.

    The timeline of a household and of a person. Values are `old` and `new` of each field; they lie
    sealed: names and numbers are in them.
    """

    SEALED_FOR = "change.values"

    household = models.ForeignKey(Household, models.PROTECT, related_name="changes")
    other = models.ForeignKey(Household, models.PROTECT, related_name="+", null=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="changes", null=True)
    kind = models.CharField(max_length=20)
    on = models.DateField()
    words = models.CharField(max_length=200, blank=True)
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


class Proposal(Valued):
    """What a line person's phone says has changed in a household, until a person decides.

    Its identifier is the letter's. Values lie sealed: names and numbers are in them.
    """

    SEALED_FOR = "proposal.values"

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", "等村里看"
        ACCEPTED = "accepted", "已改"
        DECLINED = "declined", "没有改"

    household = models.ForeignKey(Household, models.PROTECT, related_name="proposals")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    what = models.CharField(max_length=10)
    base_version = models.PositiveIntegerField(default=0)  # of the person, as the phone saw it
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
