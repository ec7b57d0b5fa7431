"""People who sign in, what they were granted where, and their devices."""

from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from lianhu.accounts.roles import ROLES
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
    public_key = models.TextField(blank=True)
    enrolled_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
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


class EnrolToken(models.Model):
    """A single-use invitation for a phone, shown as a QR code; only its hash is kept."""

    token = models.BinaryField(max_length=32, primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    made_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

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
