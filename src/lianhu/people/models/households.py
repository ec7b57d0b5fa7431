"""Households, the persons who belong to them, and the key of each person."""

from datetime import date
from uuid import UUID

from django.db import models

from lianhu.kernel.seal import blind
from lianhu.people.keys import Owned
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


class Person(Owned, PlacedRecord):
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
    def owner(self) -> UUID:
        """Whose key seals."""
        return self.id

    @property
    def id_number(self) -> str:
        """The ID number in clear; whoever calls this answers for the purpose."""
        return self.unseal_own(self.id_sealed, f"person.id.{self.id}")

    @property
    def phone(self) -> str:
        """The phone number in clear; whoever calls this answers for the purpose."""
        return self.unseal_own(self.phone_sealed, f"person.phone.{self.id}")

    @property
    def more_phones(self) -> list[str]:
        """Further numbers in clear; whoever calls this answers for the purpose."""
        return self.unseal_own(self.more_phones_sealed, f"person.phones.{self.id}").split()

    @property
    def latest_birth(self) -> date | None:
        """The latest day of birth that the row allows."""
        known = self.born_on or self.born_month
        return latest_birth(self.born_on, self.born_month, "" if known else self.id_number)

    def set_id_number(self, number: str) -> None:
        """Seal an ID number and index it; "" clears both."""
        self.id_sealed = self.seal_own(number, f"person.id.{self.id}")
        self.id_index = blind(number, "person.id")

    def set_phone(self, number: str) -> None:
        """Seal a phone number and index it; "" clears both."""
        self.phone_sealed = self.seal_own(number, f"person.phone.{self.id}")
        self.phone_index = blind(number, "person.phone")

    def set_more_phones(self, numbers: list[str]) -> None:
        """Seal further numbers; none clears them."""
        self.more_phones_sealed = self.seal_own(" ".join(numbers), f"person.phones.{self.id}")


class PersonKey(models.Model):
    """The key that seals what is held of a person, wrapped by the ring (people/keys.py); also that of
    a care episode, under the episode's identifier.

    Nothing hangs on it and it on nothing, so that it can be destroyed alone. It has no place:
    wrapped it opens nothing, and whoever asks for it was given the row that it opens. Who destroys
    it must see the person (keeping/scoped.py).
    """

    person = models.OneToOneField(
        Person, models.DO_NOTHING, db_constraint=False, primary_key=True, db_column="id",
        related_name="key",
    )  # fmt: skip
    mark = models.BinaryField(max_length=2)
    key_sealed = models.BinaryField()

    def __str__(self) -> str:
        return str(self.person_id)
