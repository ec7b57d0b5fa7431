"""Delete requests about one's own data, and emergencies, once their term is over."""

from datetime import datetime

from django.db.models import Q

from lianhu.rights.models import Opening, Request


def forget_requests(before: datetime, most: int) -> int:
    """Requests answered before a moment, or whose appeal was decided then; how many."""
    over = Q(answered_at__lt=before) | Q(appeal__decided_at__lt=before)
    # open to all: by the daily run, and nothing of it is shown.
    ids = list(Request.objects.filter(over).order_by("id").values_list("id", flat=True)[:most])
    Request.objects.filter(id__in=ids).delete()
    return len(ids)


def forget_openings(before: datetime, most: int) -> int:
    """Households opened in an emergency before a moment; how many."""
    # open to all: by the daily run, and nothing of it is shown.
    rows = Opening.objects.filter(opened_at__lt=before).order_by("opened_at", "id")
    ids = list(rows.values_list("id", flat=True)[:most])
    return Opening.objects.filter(id__in=ids).delete()[0]
