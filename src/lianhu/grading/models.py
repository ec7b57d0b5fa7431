"""Facts with their source, dated rule tables, decisions about colours, appeals, care episodes.

All but the rule table belong to a household and follow it when it moves: who may see them is
asked of the household's place, never of a copy of it.
"""

from uuid import UUID

from django.db import models

from lianhu.accounts.models import User
from lianhu.grading.rules.colours import STATE_WORDS, WORDS, Colour, State
from lianhu.kernel.models import Record
from lianhu.people.keys import Owned
from lianhu.people.models import Household, Person
from lianhu.territory.models import PlacedRecord

CARE = "care"  # the row class that reach() opens to nobody


class Fact(Record):
    """Something recorded of a household or one of its members, with its source, for a time."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="facts")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="facts")
    kind = models.CharField(max_length=30)  # of catalogue/grading/facts.toml
    value = models.CharField(max_length=20, blank=True)  # the band; "" for a plain yes
    since = models.DateField()
    until = models.DateField(null=True)  # last day, inclusive
    source = models.CharField(max_length=200)
    recorded_by = models.UUIDField()
    recorded_by_name = models.CharField(max_length=50)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["household", "kind"], name="fact_household_kind")]

    def __str__(self) -> str:
        return f"{self.household_id} {self.kind}"


class RuleTable(PlacedRecord):
    """One version of a county's decision table; `place` is the county."""

    content = models.JSONField()  # as rules.table.table_content gives it
    since = models.DateField()  # decides from this day on, once published
    made_by_name = models.CharField(max_length=50)
    made_at = models.DateTimeField()
    published_by_name = models.CharField(max_length=50, blank=True)
    published_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.place_id} {self.since}"


class Grade(Record):
    """A decision about a household's colour, by whom, why and from which evidence.

    No decision in force means green. At most one is in force, at most one waits.
    """

    household = models.ForeignKey(Household, models.PROTECT, related_name="grades")
    colour = models.CharField(max_length=6, choices=[(c.value, WORDS[c]) for c in Colour])
    state = models.CharField(max_length=8, choices=[(s.value, STATE_WORDS[s]) for s in State])
    reason = models.CharField(max_length=500)
    evidence = models.JSONField(default=list)  # the rules that spoke, each with its facts
    rules = models.CharField(max_length=250, blank=True)  # title and date of their table
    proposed_by = models.UUIDField()
    proposed_by_name = models.CharField(max_length=50)
    proposed_at = models.DateTimeField()
    confirmed_by = models.UUIDField(null=True)
    confirmed_by_name = models.CharField(max_length=50, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    starts_on = models.DateField(null=True)
    lapses_on = models.DateField(null=True)  # first day on which it no longer holds
    ends_on = models.DateField(null=True)  # first day without, after a notice
    ended_by = models.UUIDField(null=True)
    ended_by_name = models.CharField(max_length=50, blank=True)
    end_reason = models.CharField(max_length=500, blank=True)
    noticed_on = models.DateField(null=True)
    reminded_on = models.DateField(null=True)  # that it waits long; once in force: lapses soon
    carried_on = models.DateField(null=True)  # from another household, by a split or a merge

    class Meta:
        indexes = [models.Index(fields=["state", "lapses_on"], name="grade_state_lapses")]
        constraints = [
            models.UniqueConstraint(
                fields=["household"],
                condition=models.Q(state__in=["held", "notice", "appealed"]),
                name="grade_one_in_force",
            ),
            models.UniqueConstraint(
                fields=["household"],
                condition=models.Q(state="waiting"),
                name="grade_one_waiting",
            ),
            models.CheckConstraint(
                condition=~models.Q(colour="red", state__in=["held", "notice", "appealed"])
                | models.Q(confirmed_by__isnull=False)
                & ~models.Q(confirmed_by=models.F("proposed_by")),
                name="grade_red_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.state}"


class Appeal(Record):
    """A household objects, to the end of help or to its colour; another person decides."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="appeals")
    grade = models.ForeignKey(Grade, models.PROTECT, null=True, related_name="appeals")
    words = models.CharField(max_length=1000)
    made_by_name = models.CharField(max_length=50)
    made_at = models.DateTimeField()
    due_on = models.DateField()
    reminded_on = models.DateField(null=True)  # that it is due soon
    decided_by = models.UUIDField(null=True)
    decided_by_name = models.CharField(max_length=50, blank=True)
    decided_at = models.DateTimeField(null=True)
    upheld = models.BooleanField(null=True)
    answer = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["household"],
                condition=models.Q(decided_at=None),
                name="appeal_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.made_at:%Y-%m-%d}"


class CareEpisode(Owned, Record):
    """The wish, the need and the agreed help of one household for a time.

    Read by the worker who opened it and one named supervisor, and by nobody else. Its words have a
    key of their own, which goes with them.
    """

    KEY_BY = ()

    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    worker = models.ForeignKey(User, models.PROTECT, related_name="+")
    supervisor = models.ForeignKey(User, models.PROTECT, related_name="+")
    row_class = models.CharField(max_length=4, default=CARE, editable=False)
    basis = models.CharField(
        max_length=7, choices=[("consent", "本人同意"), ("safety", "为了安全")]
    )
    words_sealed = models.BinaryField(default=b"")  # JSON: basis, wish, need, help
    opened_on = models.DateField()
    ends_on = models.DateField()  # first day on which it is over
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(worker=models.F("supervisor")), name="care_two_people"
            ),
            models.CheckConstraint(condition=models.Q(row_class=CARE), name="care_row_class"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def owner(self) -> UUID:
        """Whose key seals: its own."""
        return self.id

    @property
    def words(self) -> str:
        """The sealed words in clear; only for the two who may read them."""
        return self.unseal_own(self.words_sealed, f"care.words.{self.id}")

    def set_words(self, text: str) -> None:
        """Seal the words."""
        self.words_sealed = self.seal_own(text, f"care.words.{self.id}")
