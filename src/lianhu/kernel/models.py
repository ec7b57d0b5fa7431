"""The abstract base that every table shares."""

from django.db import models

from lianhu.kernel.ids import uuid7


class Record(models.Model):
    """A row whose identity may be minted on a phone, offline, before the server sees it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True
