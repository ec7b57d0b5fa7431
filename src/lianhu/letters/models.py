"""Letters from phones, kept exactly as they arrived."""

from django.db import models

from lianhu.accounts.models import Device, User
from lianhu.kernel.seal import blind, blinds, seal, unseal


class Outcome(models.TextChoices):
    """What became of a letter; all but the first are durable answers."""

    PENDING = "pending", "等处理"
    STORED = "stored", "已入库"
    HELD = "held", "等人处理"
    QUARANTINED = "quarantined", "看不懂，等人处理"


class Letter(models.Model):
    """One record from one phone. The phone mints `id`; sending it twice changes nothing.

    `place_id` and `row_class` say who may look at it in a queue: where it concerns, or only the
    county when it is confidential or cannot be read.
    """

    id = models.UUIDField(primary_key=True)
    # What a phone wrote may hold an ID number, a phone or somebody's trouble, and a bare hash of it
    # could be reversed by trying all numbers: so it is sealed, and found again by a keyed index.
    text_sealed = models.BinaryField()
    text_index = models.BinaryField()
    media = models.JSONField(default=list)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    device = models.ForeignKey(Device, models.PROTECT, related_name="+")
    device_seq = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=64, blank=True)
    place_id = models.CharField(max_length=17)
    row_class = models.CharField(max_length=16)
    received_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome.choices, default=Outcome.PENDING)
    code = models.CharField(max_length=60, blank=True)
    ref = models.CharField(max_length=12, blank=True)
    # The letter whose id this one came under: same id, other text. It has an id of our own.
    copy_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="copies")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=50, blank=True)
    settled_words = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["copy_of", "text_index", "user"], name="letter_copy_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["place_id", "received_at"],
                condition=models.Q(outcome__in=["held", "quarantined"], settled_at=None),
                name="letter_queue",
            ),
            models.Index(fields=["device", "device_seq"], name="letter_device_seq"),
            models.Index(
                fields=["user", "settled_at"],
                condition=models.Q(settled_at__isnull=False),
                name="letter_settled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id} {self.outcome}"

    @property
    def text(self) -> str:
        """The text as it came, in clear."""
        return unseal(self.text_sealed, f"letter.text.{self.id}")

    def keep_text(self, text: str) -> None:
        """Seal the text for this letter's id."""
        self.text_sealed = seal(text, f"letter.text.{self.id}")
        self.text_index = blind(text, "letter.text")

    @property
    def is_forgotten(self) -> bool:
        """Whether its term was over and its text is gone (`actions.forget`)."""
        done = self.outcome == Outcome.STORED or self.settled_at is not None
        return not self.text_sealed and done

    def says(self, text: str) -> bool:
        """Whether this is the very text that was kept; of one whose term is over, any is."""
        return self.is_forgotten or bytes(self.text_index) in indexes_of(text)


def indexes_of(text: str) -> list[bytes]:
    """The values of `text_index` under which a text may stand while keys change."""
    return blinds(text, "letter.text") or [b""]
