"""The tree of places: county, town, village or community, group, grid."""

from typing import ClassVar

from django.db import models

from lianhu.kernel.models import Record


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
