"""Delete what letters and photos held once their term is over."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from lianhu.letters.models import Letter, Outcome
from lianhu.matters.models import Attachment
from lianhu.media.actions import drop_photos
from lianhu.media.models import Photo


def forget_letters(before: datetime, most: int) -> int:
    """Letters stored or settled before a moment lose their text; how many. The row stays, so that
    the same letter coming once more is not done twice; a second text under its id goes whole.
    What still waits for a person stays."""
    # One that a person settled is stored from then on, not from when it came.
    done = Q(outcome=Outcome.STORED, settled_at=None) | Q(settled_at__lt=before)
    rows = Letter.objects.filter(done, received_at__lt=before).exclude(text_sealed=b"")
    ids = list(rows.order_by("received_at").values_list("id", flat=True)[:most])
    Letter.objects.filter(id__in=ids).exclude(copy_of=None).delete()
    Letter.objects.filter(id__in=ids).update(
        text_sealed=b"", text_index=b"", media=[], settled_by="", settled_words=""
    )
    return len(ids)


def forget_photos(before: datetime, most: int) -> int:
    """Photos that came before a moment and that no matter has any more; how many. One that a
    letter which waits for a person names stays."""
    waiting = Letter.objects.exclude(outcome=Outcome.STORED).filter(settled_at=None)
    named = {name for media in waiting.values_list("media", flat=True) for name in media}
    used = Exists(Attachment.objects.filter(sha256=OuterRef("sha256")))
    # open to all: by the daily run, and nothing of it is shown.
    rows = Photo.objects.filter(~used, received_at__lt=before).exclude(sha256__in=named)
    return drop_photos(list(rows.order_by("sha256").values_list("sha256", flat=True)[:most]))
