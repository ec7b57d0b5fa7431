"""A photo by the hash of its bytes as the phone sent them."""

from django.db import models

from lianhu.accounts.models import User


class Photo(models.Model):
    """A photo that arrived whole; the stored file is re-encoded, without place or camera data."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    uploader = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    stored_bytes = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.sha256
