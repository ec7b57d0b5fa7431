"""Write down, before it is done, what handling personal data in a new way does to people.

What was written is never edited and never deleted: another look is another row.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.utils.timezone import localdate

from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import in_force, read
from lianhu.kernel.errors import Refusal
from lianhu.kernel.transactions import one_transaction
from lianhu.people.models import Assessment
from lianhu.territory.queries import COUNTY_LENGTH, get_place

LONGEST_TITLE = 100


@one_transaction
def keep_assessment(
    actor: Actor, place: str, kind: str, title: str, answers: Mapping[str, str], *,
    proceed: bool, subject: UUID | None = None, at: datetime,
) -> Assessment:  # fmt: skip
    """Keep an assessment of the county: its answers to the catalogue's questions, and whether it
    may go on as planned.

    Refuses ``account.not_permitted``, ``place.not_found``, ``assessment.bad_kind``,
    ``assessment.no_title``, ``assessment.no_answer``, ``assessment.too_long``.
    """
    county = get_place(place[:COUNTY_LENGTH]).code
    actor.require("assess.keep", county)
    content = read("assessments.toml")
    if kind not in content["kinds"]:
        raise Refusal("assessment.bad_kind")
    rule = in_force(content["versions"], localdate(at))
    title = _plain(title)
    if not title or len(title) > LONGEST_TITLE:
        raise Refusal("assessment.no_title", most=LONGEST_TITLE)
    said = {name: _plain(answers.get(name, "")) for name in content["questions"]}
    if any(len(words) < rule["shortest"] for words in said.values()):
        raise Refusal("assessment.no_answer", shortest=rule["shortest"])
    if any(len(words) > rule["longest"] for words in said.values()):
        raise Refusal("assessment.too_long", most=rule["longest"])
    row = Assessment.objects.create(
        place_id=county, kind=kind, subject=subject, title=title, proceed=proceed, made_at=at,
        made_by=actor.id, made_by_name=actor.name, **said,
    )  # fmt: skip
    record(
        actor, "assessment.keep", "assessment", row.id, county, at=at, quiet=True, kind=kind,
        proceed=proceed, subject=str(subject or ""),
    )  # fmt: skip
    return row


def _plain(text: str) -> str:
    return text.replace("\x00", "").strip()
