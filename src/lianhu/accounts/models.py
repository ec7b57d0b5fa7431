"""People who sign in and how, what they were granted where, and their devices."""

from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from lianhu.accounts.roles import ROLES
from lianhu.kernel.ids import uuid7
from lianhu.kernel.models import Record
from lianhu.territory.models import Place


class User(Record, AbstractBaseUser):
    """Someone who signs in. `person_id` is the same human in the register, a plain value
    because that table belongs to a higher wing."""

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=50)
    person_id = models.UUIDField(null=True)
    is_active = models.BooleanField(default=True)
    # Somebody else knows the password: nothing is done with it but to set one's own.
    password_is_lent = models.BooleanField(default=False)

    USERNAME_FIELD = "username"
    objects: ClassVar[BaseUserManager[Self]] = BaseUserManager()

    def __str__(self) -> str:
        return self.username

    def is_same_person(self, other: "User") -> bool:
        """Whether two accounts are one human's: where two people must agree, these may not."""
        return self.person_id is not None and self.person_id == other.person_id


class Grant(Record):
    """One role, held by one user, over one place and everything below it, for a term."""

    user = models.ForeignKey(User, models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, choices=[(r, ROLES[r].label) for r in ROLES])
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    office = models.CharField(max_length=40, blank=True, db_index=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)  # last day, inclusive

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.place_id}"


class Device(Record):
    """A phone that was enrolled for one user; only the hash of its credential is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="devices")
    name = models.CharField(max_length=80)
    credential = models.BinaryField(max_length=32, unique=True)
    # What the phone will come with from its next use on: binding only then (actions/credentials).
    next_credential = models.BinaryField(max_length=32, unique=True, null=True)
    renewed_at = models.DateTimeField(
        null=True
    )  # since when the present one is used; enrolment
    public_key = models.TextField(blank=True)
    key_proven = models.BooleanField(default=False)  # the phone signed with it: no other counts
    # The digits on the phone's screen until the office has said at its own that they are the same.
    confirm_code = models.CharField(max_length=8, blank=True)
    enrolled_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    cut_at = models.DateTimeField(
        null=True
    )  # ended by itself: a copy of its credential was used
    # The first device that this phone was: its letters' numbers go on when it is enrolled again.
    handset = models.UUIDField(db_index=True)
    first_seq = models.BigIntegerField(default=1)
    # What the phone itself says: the highest number it gave, since when we know, photos to come.
    newest_seq = models.BigIntegerField(null=True)
    newest_at = models.DateTimeField(null=True)
    photos_waiting = models.PositiveIntegerField(default=0)
    # Somebody asked its person about all numbers up to this one.
    asked_seq = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class SpentCredential(models.Model):
    """The hash of a credential that a phone has replaced: whoever comes with it later has a copy."""

    credential = models.BinaryField(max_length=32, primary_key=True)
    device = models.ForeignKey(Device, models.CASCADE, related_name="spent")
    spent_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.device_id} until {self.spent_at}"


class EnrolToken(models.Model):
    """A single-use invitation for a phone, shown as a QR code; only its hash is kept."""

    token = models.BinaryField(max_length=32, primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    made_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    at_desk = models.BooleanField(default=False)  # its screen is there to confirm the phone on

    def __str__(self) -> str:
        return f"{self.user_id} until {self.expires_at}"


class Attempt(models.Model):
    """Something that is throttled was tried; `key` is a keyed hash, never an address itself."""

    kind = models.CharField(max_length=20)
    key = models.BinaryField(max_length=16)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["kind", "key", "at"], name="attempt_kind_key_at")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at}"


class Session(AbstractBaseSession):
    """A browser that somebody, or a household, came in by; deleting the row ends it at its next
    request. What of it may be shown stands beside Django's own columns; `mark` names it without
    giving the key away. The network is coarse and noted once: no trail of anybody."""

    # Neither unique nor held by a constraint: while a key is changed both rows are there, and
    # Django tries again for ever when a session cannot be written.
    mark = models.UUIDField(default=uuid7, db_index=True)
    user = models.ForeignKey(
        User, models.CASCADE, null=True, related_name="+", db_constraint=False
    )
    began_at = models.DateTimeField(null=True)
    way = models.CharField(max_length=12, blank=True)
    agent = models.CharField(max_length=40, blank=True)
    network = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return str(self.mark)


class Authenticator(Record):
    """The secret of a user's code app (RFC 6238), sealed; not confirmed until one code was right.

    `last_step` is the time step of the newest code taken: none at or before it is taken again.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="+")
    secret_sealed = models.BinaryField()
    last_step = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.user_id} {self.made_at}"


class Passkey(Record):
    """A WebAuthn credential of a user: its public half only."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    name = models.CharField(max_length=40)
    credential = models.BinaryField(max_length=1023, unique=True)
    attested = models.BinaryField()  # AttestedCredentialData: identifier and public key
    uses = models.BigIntegerField(default=0)  # the authenticator's own counter
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} {self.name}"


class RecoveryCode(models.Model):
    """One of the codes on paper, for whoever lost everything else; good once, kept as a hash."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    code = models.BinaryField(max_length=32)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "code"], name="recovery_user_code")]

    def __str__(self) -> str:
        return str(self.user_id)


class FactorReset(Record):
    """Somebody's second factors are to be taken away: one person asks, another confirms."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()
    done_by = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.user_id} {self.asked_at}"


class Identity(Record):
    """Who a user is at the county's own identity provider; linked by the data officer."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    issuer = models.CharField(max_length=200)
    subject = models.CharField(max_length=255)
    linked_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    linked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="identity_once"),
            models.UniqueConstraint(fields=["issuer", "user"], name="identity_of_user_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.issuer}"
