"""The tree of places: county, town, village or community, group, grid."""

from typing import ClassVar

from django.db import models

from lianhu.kernel.models import Record
from lianhu.kernel.seal import seal, unseal


class Level(models.TextChoices):
    """The five levels; the length of a code tells its level."""

    COUNTY = "county", "县"
    TOWN = "town", "镇"
    VILLAGE = "village", "村"
    GROUP = "group", "组"
    GRID = "grid", "网格"


class Place(models.Model):
    """A place by its code, which is also its path: a child's code begins with its parent's.

    Codes are never reused and never rewritten. A place that was merged or converted keeps its
    code and all its rows, gets `ended_on` and `successor`, and is reached through the latter.
    """

    code = models.CharField(max_length=17, primary_key=True)
    name = models.CharField(max_length=50)
    level = models.CharField(max_length=8, choices=Level.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    is_community = models.BooleanField(default=False)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    begun_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, related_name="former")

    class Meta:
        indexes = [models.Index(fields=["level", "code"], name="place_level_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class PlaceChange(Record):
    """One change of the divisions, with the day from which it holds."""

    on = models.DateField()
    kind = models.CharField(max_length=12)  # added, renamed, converted, merged, ended
    place = models.ForeignKey(Place, models.PROTECT, related_name="changes")
    old_name = models.CharField(max_length=50, blank=True)
    new_name = models.CharField(max_length=50, blank=True)
    into = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.on} {self.kind} {self.place_id}"


class PlacedRecord(Record):
    """Base of every row that a person may or may not see according to where it is."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class RowClass(models.TextChoices):
    """Who may see a row besides where it is. Source: norms.md, "People come first"."""

    ORDINARY = "ordinary", "本村和经办单位可见"
    SENSITIVE = "sensitive", "只有经办人可见"
    ABOUT_OFFICIAL = "about_official", "直接送县里，不经过村镇"


class GuardedRecord(PlacedRecord):
    """Base of placed rows with a row class. A subclass adds foreign keys to users named

    `reporter`, `handler` and `accused`; reach() reads their columns by these names.
    """

    GUARDS: ClassVar[tuple[str, ...]] = ("reporter_id", "handler_id", "accused_id")

    row_class = models.CharField(
        max_length=16, choices=RowClass.choices, default=RowClass.ORDINARY
    )
    office = models.CharField(max_length=40, blank=True)  # "<place code>:<kind>" that holds it

    class Meta:
        abstract = True


class Resource(PlacedRecord):
    """What there is at a place: somebody to ask, a danger, a facility, a service.

    Never edited: a change ends a row and begins another that `replaces` it. A private person's
    number stands here only with that person's consent, and goes when the row ends.
    """

    kind = models.CharField(max_length=20)  # of catalogue/resources.toml
    name = models.CharField(max_length=60)
    words = models.CharField(max_length=300, blank=True)
    phone_sealed = models.BinaryField(default=b"")
    is_private = models.BooleanField(default=False)
    consent_on = models.DateField(null=True)
    consent_words = models.CharField(max_length=200, blank=True)
    starts_on = models.DateField()
    ended_on = models.DateField(null=True)  # first day without
    end_words = models.CharField(max_length=200, blank=True)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    made_by_name = models.CharField(max_length=50)
    made_at = models.DateTimeField()
    ended_by_name = models.CharField(max_length=50, blank=True)

    class Meta:
        indexes = [models.Index(fields=["place", "ended_on"], name="resource_place_ended")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_private=False) | models.Q(consent_on__isnull=False),
                name="resource_private_consent",
            )
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.kind}"

    @property
    def phone(self) -> str:
        """The number in clear, to dial."""
        return unseal(self.phone_sealed, f"resource.phone.{self.id}")

    def set_phone(self, number: str) -> None:
        """Seal a number; "" clears it."""
        self.phone_sealed = seal(number, f"resource.phone.{self.id}")
