"""What every action on a matter does in the same way: take, move, note, record."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.direct import insert_objects
from lianhu.kernel.errors import Refusal
from lianhu.kernel.scope import Whole, whole_county
from lianhu.kernel.workdays import state_calendar
from lianhu.matters.models import Attachment, Matter, Step
from lianhu.matters.queries.one import TOLD, get_matter
from lianhu.matters.queries.search import index_text
from lianhu.matters.rules import ENDED, MOVES, Stage, may
from lianhu.media.queries import is_sha256

LONGEST = 5000
MOST_PHOTOS = 9


def take(actor: Actor, matter_id: UUID, verb: str, step: str) -> Matter:
    """The matter, locked, if the actor holds the verb and the step may be taken now.

    Refuses ``matter.not_found`` and ``matter.cannot_<step>``.
    """
    matter = get_matter(actor, matter_id, verb=verb, lock=True)
    if not may(step, Stage(matter.stage)):
        raise Refusal(f"matter.cannot_{step}", stage=matter.stage)
    return matter


def clean(words: str, *, required: bool = True) -> str:
    """Words as they are kept; refuses ``matter.no_words`` and ``matter.words_too_long``."""
    kept = words.strip().replace("\x00", "")
    if required and not kept:
        raise Refusal("matter.no_words")
    if len(kept) > LONGEST:
        raise Refusal("matter.words_too_long", most=LONGEST)
    return kept


def move(matter: Matter, step: str) -> None:
    """Set the stage that a step leads to."""
    to = MOVES[step][1]
    if to is not None:
        matter.stage = to
        matter.is_open = to not in ENDED


def run_again(matter: Matter, today: date) -> None:
    """Set a waiting matter's clock going again, later by the working days it stood still."""
    if matter.waiting_since is not None:
        calendar = state_calendar()
        stood = calendar.between(matter.waiting_since, today)
        matter.due_on = calendar.add(matter.due_on, max(stood, 0))
        matter.waiting_since = None


def note(
    actor: Actor,
    matter: Matter,
    verb: str,
    words: str = "",
    *,
    at: datetime,
    photos: Iterable[str] = (),
    step_id: UUID | None = None,
    **facts: str | int,
) -> Step:
    """Save the matter, append its step, index the words and write the ledger entry, in this
    order: the entry raises what phones hold, last before the commit."""
    matter.step_count += 1
    if matter.step_count == 1:  # its first step, so the matter itself is new
        insert_objects([matter])
    else:
        matter.save()
    fields = {"id": step_id} if step_id else {}
    step = Step(
        matter=matter,
        number=matter.step_count,
        verb=verb,
        at=at,
        actor_id=actor.id,
        actor_name=actor.name,
        office=matter.office,
        words=words,
        **fields,
    )
    insert_objects([step])
    attach(matter, step, photos)
    if words:
        index_text(matter, words)
    touched = {u for u in (matter.reporter_id, matter.handler_id) if u is not None}
    if verb in TOLD:
        with whole_county(Whole.COPIES):
            copies = Matter.objects.filter(duplicate_of=matter).exclude(reporter=None)
            touched.update(c for c in copies.values_list("reporter_id", flat=True) if c)
    if matter.accused_id is not None:
        touched.discard(matter.accused_id)  # who took it down at a counter is told of no step
        facts["accused"] = str(matter.accused_id)  # whom the ledger must not show this to
    record(
        actor, f"matter.{verb}", "matter", matter.id, matter.place_id, at=at,
        row_class=matter.row_class, users=touched, **facts,  # type: ignore[arg-type]
    )  # fmt: skip
    return step


def attach(matter: Matter, step: Step, photos: Iterable[str]) -> None:
    """Name photos by their hash; refuses ``media.bad_hash``, ``matter.too_many_photos``."""
    names = list(dict.fromkeys(photos))
    if not names:
        return
    if not all(is_sha256(name) for name in names):
        raise Refusal("media.bad_hash")
    if len(names) > MOST_PHOTOS:
        raise Refusal("matter.too_many_photos", most=MOST_PHOTOS)
    Attachment.objects.bulk_create(
        (Attachment(matter=matter, step=step, sha256=name) for name in names),
        ignore_conflicts=True,
    )
