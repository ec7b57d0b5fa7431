"""Assessments of what handling personal data in a new way does to people."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.people.models import Assessment
from lianhu.territory.queries import reach

VERB = "assess.read"


def list_assessments(actor: Actor) -> QuerySet[Assessment]:
    """Those in reach, latest first."""
    return reach(Assessment.objects, actor, VERB).order_by("-made_at", "-id")


def get_assessment(actor: Actor, assessment_id: UUID) -> Assessment:
    """One; absent and out of reach refuse alike with ``assessment.not_found``."""
    row = reach(Assessment.objects, actor, VERB).filter(id=assessment_id).first()
    if row is None:
        raise NotPermitted("assessment.not_found")
    return row


def latest_of(place: str, kind: str, subject: UUID) -> Assessment | None:
    """The latest of a thing at a place. For whoever was given the thing through reach()."""
    # scoped by the thing, which the caller was given through reach().
    rows = Assessment.objects.filter(place_id=place, kind=kind, subject=subject)
    return rows.order_by("-made_at", "-id").first()


def is_cleared(place: str, kind: str, subject: UUID, *, since: datetime) -> bool:
    """Whether the latest assessment of a thing was made after its last change and says go on."""
    row = latest_of(place, kind, subject)
    return row is not None and row.proceed and row.made_at >= since
