"""Delete what a matter said and of whom, once its term is over; what is counted stays."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from lianhu.kernel.erasing import GONE
from lianhu.matters.models import Attachment, Matter, Step
from lianhu.matters.queries.search import unindex


def forget_matters(before: datetime, most: int) -> int:
    """Ended matters on which nothing was done since a moment lose words, persons, place on the map
    and photos; how many. Their kind, village, clocks and score stay, tied to nobody."""
    # Not by `closed_at`: one that was merged has none, and one that was rated is not over yet.
    since = Exists(Step.objects.filter(matter=OuterRef("id"), at__gte=before))
    # open to all: by the daily run, and nothing of it is shown.
    rows = Matter.objects.filter(~since, is_open=False, received_at__lt=before)
    ids = list(
        rows.exclude(words=GONE).order_by("received_at").values_list("id", flat=True)[:most]
    )
    if not ids:
        return 0
    Attachment.objects.filter(matter_id__in=ids).delete()
    Step.objects.filter(matter_id__in=ids).update(words="", actor_name="")
    unindex(ids)
    # open to all: as above.
    return Matter.objects.filter(id__in=ids).update(
        words=GONE, spot="", about="", lon=None, lat=None, subject_place="", household=None,
        reporter=None, reporter_name="", reporter_phone_sealed=b"", handler=None, accused=None,
        answered_by="", answerer=None, answer="", score_words="",
    )  # fmt: skip
