"""Households and the persons who belong to them."""

from django.db import models

from lianhu.kernel.seal import blind, seal, unseal
from lianhu.people.rules import RELATION_WORDS, RESIDENCE_WORDS, SEX_WORDS, Residence, Sex
from lianhu.territory.models import PlacedRecord


class Household(PlacedRecord):
    """A household as the village counts it; `place` is its grid."""

    code = models.CharField(max_length=9)  # 户号, GB/T 31000
    head_name = models.CharField(max_length=50)
    head_initials = models.CharField(max_length=10, blank=True)
    address = models.CharField(max_length=100, blank=True)
    size = models.PositiveSmallIntegerField(default=0)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    ended_on = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["place", "head_name"], name="household_place_head"),
            models.Index(fields=["code"], name="household_code"),
            models.Index(fields=["head_name"], name="household_head"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.head_name}"


class Person(PlacedRecord):
    """A registered person. ID number and phone are sealed; the index finds an equal ID."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="persons")
    name = models.CharField(max_length=50)
    relation = models.CharField(max_length=2, choices=list(RELATION_WORDS.items()))
    sex = models.CharField(max_length=1, choices=[(s.value, SEX_WORDS[s]) for s in Sex])
    born_on = models.DateField(null=True)
    residence = models.CharField(
        max_length=4,
        choices=[(r.value, RESIDENCE_WORDS[r]) for r in Residence],
        default=Residence.HOME,
    )
    away_to = models.CharField(max_length=30, blank=True)
    id_sealed = models.BinaryField(default=b"")
    id_index = models.BinaryField(max_length=16, default=b"", db_index=True)
    phone_sealed = models.BinaryField(default=b"")
    version = models.PositiveIntegerField(default=1)

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

    def set_id_number(self, number: str) -> None:
        """Seal an ID number and index it; "" clears both."""
        self.id_sealed = seal(number, f"person.id.{self.id}")
        self.id_index = blind(number, "person.id")

    def set_phone(self, number: str) -> None:
        """Seal a phone number; "" clears it."""
        self.phone_sealed = seal(number, f"person.phone.{self.id}")
