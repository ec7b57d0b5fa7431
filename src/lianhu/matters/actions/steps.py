"""The steps of an office: accept, dispatch, handle, ask, answer, verify, close, reopen."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from lianhu.accounts.models import User
from lianhu.accounts.queries.actors import actor_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.workdays import state_calendar
from lianhu.matters.actions.counting import count_ended
from lianhu.matters.actions.writing import clean, move, note, run_again, take
from lianhu.matters.kinds import clocks, get_kind, offices_for
from lianhu.matters.models import Matter
from lianhu.matters.queries.one import worked_on
from lianhu.matters.rules import due_on


@transaction.atomic
def accept_matter(actor: Actor, matter_id: UUID, *, at: datetime) -> Matter:
    """Take a reported matter on. Refuses ``matter.not_found``, ``matter.cannot_accept``."""
    matter = take(actor, matter_id, "matter.accept", "accept")
    move(matter, "accept")
    note(actor, matter, "accept", at=at)
    return matter


@transaction.atomic
def dispatch_matter(
    actor: Actor,
    matter_id: UUID,
    office: str,
    words: str = "",
    *,
    at: datetime,
    handler_id: UUID | None = None,
) -> Matter:
    """Give a matter to an office that serves its place, and to a person there if named.

    Refuses ``matter.not_found``, ``matter.cannot_dispatch``, ``matter.unknown_office``. A report
    about an official stays in the county's hands.
    """
    matter = take(actor, matter_id, "matter.dispatch", "dispatch")
    if office not in offices_for(matter.place_id):
        raise Refusal("matter.unknown_office")
    matter.office = office
    matter.handler = _handler(matter, handler_id, localdate(at))
    move(matter, "dispatch")
    note(actor, matter, "dispatch", clean(words, required=False), at=at, office=office)
    return matter


def _handler(matter: Matter, handler_id: UUID | None, today: date) -> User | None:
    """The named handler, if he sits in the office today; never the person accused."""
    if handler_id is None:
        return None
    holder = User.objects.filter(id=handler_id, is_active=True).first()
    if (
        holder is None
        or holder.id == matter.accused_id
        or matter.office not in actor_for(holder, on=today).offices
    ):
        raise Refusal("matter.not_in_office")
    return holder


@transaction.atomic
def handle_matter(
    actor: Actor, matter_id: UUID, words: str, *, at: datetime, photos: Iterable[str] = ()
) -> Matter:
    """Note progress; the actor becomes the handler.

    Refuses ``matter.not_found``, ``matter.cannot_handle``, ``matter.no_words``.
    """
    matter = take(actor, matter_id, "matter.handle", "handle")
    matter.handler_id = actor.id
    move(matter, "handle")
    note(actor, matter, "handle", clean(words), at=at, photos=photos)
    return matter


@transaction.atomic
def ask_for_more(actor: Actor, matter_id: UUID, words: str, *, at: datetime) -> Matter:
    """Ask the reporter for more; the clock stands still until they add something.

    Refuses ``matter.not_found``, ``matter.cannot_ask``, ``matter.no_words``.
    """
    matter = take(actor, matter_id, "matter.handle", "ask")
    matter.waiting_since = localdate(at)
    move(matter, "ask")
    note(actor, matter, "ask", clean(words), at=at)
    return matter


@transaction.atomic
def answer_matter(
    actor: Actor, matter_id: UUID, words: str, *, at: datetime, photos: Iterable[str] = ()
) -> Matter:
    """Answer the reporter in words.

    Refuses ``matter.not_found``, ``matter.cannot_answer``, ``matter.no_words``.
    """
    matter = take(actor, matter_id, "matter.handle", "answer")
    matter.answer = clean(words)
    matter.answered_at, matter.answered_by, matter.answerer_id = at, actor.name, actor.id
    matter.handler_id = matter.handler_id or actor.id
    run_again(matter, localdate(at))
    move(matter, "answer")
    note(actor, matter, "answer", matter.answer, at=at, photos=photos)
    return matter


@transaction.atomic
def verify_answer(
    actor: Actor, matter_id: UUID, words: str, *, at: datetime, done: bool
) -> Matter:
    """Check that what was answered is so; if not, back to handling with the reason.

    Refuses ``matter.not_found``, ``matter.cannot_verify``, ``matter.own_answer`` (somebody
    other than the handler must look), ``matter.no_words`` (a return needs its reason).
    """
    matter = take(actor, matter_id, "matter.verify", "verify")
    if actor.id in {matter.handler_id, matter.answerer_id}:
        raise Refusal("matter.own_answer")
    step = "verify" if done else "return"
    kept = clean(words, required=not done)
    move(matter, step)
    note(actor, matter, step, kept, at=at)
    return matter


@transaction.atomic
def close_matter(actor: Actor, matter_id: UUID, words: str = "", *, at: datetime) -> Matter:
    """Close a verified matter. Refuses ``matter.not_found``, ``matter.cannot_close``."""
    matter = take(actor, matter_id, "matter.close", "close")
    matter.closed_at = at
    move(matter, "close")
    count_ended(matter, 1)
    note(actor, matter, "close", clean(words, required=False), at=at)
    return matter


@transaction.atomic
def reopen_matter(
    actor: Actor, matter: Matter, words: str, *, at: datetime, by: UUID | None = None
) -> Matter:
    """Take a closed matter up again within the window, with a new clock; by whoever may read it
    or holds its code. `by` is who is signed in where an unnamed resident asks: whoever did the
    work reopens it under their own name, at the desk.

    Refuses ``matter.cannot_reopen``, ``matter.reopen_too_late``, ``matter.no_words``,
    ``matter.reopens_own_work``.
    """
    locked = Matter.objects.select_for_update().get(id=matter.id)
    if locked.accused_id == actor.id:
        raise NotPermitted("matter.not_found")
    if by is not None and worked_on(locked, [by]):
        raise Refusal("matter.reopens_own_work")
    today = localdate(at)
    if locked.closed_at is None:
        raise Refusal("matter.cannot_reopen", stage=locked.stage)
    if at - locked.closed_at > timedelta(days=clocks(today)["reopen_days"]):
        raise Refusal("matter.reopen_too_late", days=clocks(today)["reopen_days"])
    kept = clean(words)
    count_ended(locked, -1)
    locked.closed_at, locked.score, locked.score_words = None, None, ""
    locked.answer, locked.answered_at, locked.answered_by, locked.answerer = "", None, "", None
    locked.handler = None
    locked.reopenings += 1
    kind = get_kind(locked.category)
    locked.due_on = due_on(today, kind.clock, clocks(today), state_calendar())
    move(locked, "reopen")
    note(actor, locked, "reopen", kept, at=at)
    return locked
