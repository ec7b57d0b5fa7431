"""Delete facts, decisions, appeals and care episodes whose term is over."""

from datetime import datetime

from django.db.models import DateField, Exists, OuterRef, Q
from django.db.models.functions import Coalesce, TruncDate
from django.utils.timezone import localdate

from lianhu.grading.models import Appeal, CareEpisode, Fact, Grade
from lianhu.grading.rules.colours import State
from lianhu.people.keys import destroy_keys

UNDER_WAY = (State.WAITING, State.HELD, State.NOTICE, State.APPEALED)


def forget_grading(before: datetime, most: int) -> int:
    """What ended before a moment; how many rows. Care episodes are not among those counted:
    there is no count of care."""
    day = localdate(before)
    closed = CareEpisode.objects.filter(closed_on__lt=day)
    destroy_keys(closed.values_list("id", flat=True))
    closed.delete()
    over = Q(until__lt=day) | Q(person__ended_on__lt=day) | Q(household__ended_on__lt=day)
    facts = list(Fact.objects.filter(over).order_by("id").values_list("id", flat=True)[:most])
    Fact.objects.filter(id__in=facts).delete()
    appeals = Appeal.objects.filter(decided_at__lt=before).order_by("id")
    objected = list(appeals.values_list("id", flat=True)[:most])
    Appeal.objects.filter(id__in=objected).delete()
    last = Coalesce("ends_on", "lapses_on", TruncDate("proposed_at"), output_field=DateField())
    hangs = Exists(Appeal.objects.filter(grade=OuterRef("id")))
    decided = Grade.objects.exclude(state__in=UNDER_WAY).filter(~hangs, proposed_at__lt=before)
    grades = list(
        decided.annotate(last=last).filter(last__lt=day).order_by("id")
        .values_list("id", flat=True)[:most]
    )  # fmt: skip
    Grade.objects.filter(id__in=grades).delete()
    return len(facts) + len(objected) + len(grades)
