"""Lists of residents that leave, and looks at somebody under age."""

from django.db import models

from lianhu.accounts.models import User
from lianhu.kernel.seal import unseal
from lianhu.people.models.households import Person
from lianhu.territory.models import PlacedRecord


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
