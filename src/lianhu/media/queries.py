"""Where photos are, and how much of one has come."""

import re
from pathlib import Path
from uuid import UUID

from django.conf import settings

from lianhu.media.models import Photo

_SHA256 = re.compile(r"[0-9a-f]{64}")


def is_sha256(name: str) -> bool:
    """Whether a name is a lower-case SHA-256, and so safe as a file's name."""
    return _SHA256.fullmatch(name) is not None


def photo_path(sha256: str) -> Path:
    """The file of a stored photo."""
    return Path(settings.LIANHU_MEDIA) / sha256[:2] / f"{sha256}.jpg"


def part_path(sha256: str, user_id: UUID) -> Path:
    """The file of a photo still coming in, apart for each sender so that none can spoil another's."""
    return Path(settings.LIANHU_MEDIA) / "parts" / f"{sha256}.{user_id.hex}"


def received(sha256: str, user_id: UUID) -> tuple[int, bool]:
    """Bytes that came so far, and whether the photo is whole."""
    # open to all: that a photo of this hash exists says nothing to who does not hold it already.
    if Photo.objects.filter(sha256=sha256).exists():
        return 0, True
    path = part_path(sha256, user_id)
    return (path.stat().st_size if path.exists() else 0), False
