"""Open letters: keep first, judge second, answer last."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import InterfaceError, OperationalError
from django.utils.timezone import localtime

from lianhu.accounts.models import Grant
from lianhu.audit.actions import attempt, gathered
from lianhu.kernel.actor import Actor
from lianhu.kernel.direct import insert_new_objects, run_statement, uuid_value
from lianhu.kernel.errors import Refusal
from lianhu.kernel.ids import uuid7
from lianhu.kernel.scope import Whole, whole_county
from lianhu.kernel.transactions import one_writer, shielded
from lianhu.letters.actions.opening import open_text
from lianhu.letters.handlers import HANDLERS
from lianhu.letters.models import Letter, Outcome, indexes_of
from lianhu.letters.queries.waiting import is_ordinary
from lianhu.letters.rules import check, fits, parse
from lianhu.territory.models import Place, RowClass
from lianhu.territory.rules import ancestors

log = logging.getLogger(__name__)

RETRY = "retry"

MOST_SEQ = 2**53

# Refusals that say the letter itself is wrong, not that a person has to decide.
MALFORMED = {
    "letter.unreadable", "letter.unknown_kind", "letter.bad_body", "matter.unknown_category",
    "visit.unknown_duty", "media.bad_hash", "matter.too_many_photos", "matter.no_words",
    "matter.words_too_long", "letter.crashed",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Incoming:
    """A letter as it stands in a request."""

    id: UUID
    sha256: str
    text: str
    media: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one letter, by its own id and hash."""

    id: UUID
    sha256: str
    outcome: str
    code: str = ""
    ref: str = ""


def receive(
    actor: Actor, device: UUID, incoming: Sequence[Incoming], *, at: datetime
) -> list[Answer]:
    """Keep and judge a batch; the answers in the order sent, after the commit.

    Same id and hash: the first answer again. Same id, other hash: the second copy is kept and
    ``quarantined``. A hash that does not fit, or an envelope that cannot be opened now: ``retry``.
    A sealed letter is the letter in its envelope: sealed anew it is the same one. A letter that is
    refused, or that breaks our own code, delays no other: each is judged in a savepoint of its own.
    """
    opened = [_open(actor, item) for item in incoming]
    sound = [letter for letter, code in opened if not code]
    known: dict[UUID, Letter] = {}
    if sound:
        with one_writer(), gathered():
            known = _keep(actor, device, sound, at)
            _judge_all(actor, device, known, sound, at)
    return [
        replace(
            Answer(item.id, "", RETRY, code) if code else _answer(actor, letter, known),
            sha256=item.sha256,  # the one that came, whatever the envelope held
        )
        for item, (letter, code) in zip(incoming, opened, strict=True)
    ]


def _open(actor: Actor, item: Incoming) -> tuple[Incoming, str]:
    """A letter under the hash of its own text, and why it is to be sent again ('' otherwise)."""
    if not fits(item.text, item.sha256):
        return item, "letter.bad_hash"
    try:
        text = open_text(actor, item.id, item.text)
    except Refusal as refusal:
        return item, refusal.code
    if text is item.text:
        return item, ""
    return replace(item, text=text, sha256=hashlib.sha256(text.encode()).hexdigest()), ""


def _keep(
    actor: Actor, device: UUID, incoming: Sequence[Incoming], at: datetime
) -> dict[UUID, Letter]:
    """Insert the raw letters in the order of their ids, then lock those that were there."""
    rows = {i.id: _row(actor, device, i, i.id, at) for i in reversed(incoming)}
    new = insert_new_objects([rows[key] for key in sorted(rows)])
    if there := sorted(set(rows) - new):
        with whole_county(Whole.SAME_LETTER):
            found = Letter.objects.select_for_update().filter(id__in=there).order_by("id")
            rows |= {letter.id: letter for letter in found}
    return rows


def _row(actor: Actor, device: UUID, incoming: Incoming, key: UUID, at: datetime) -> Letter:
    place, row_class, kind, number = _where(actor, incoming.text)
    letter = Letter(
        id=key, media=list(incoming.media), user_id=actor.id, device_id=device, device_seq=number,
        kind=kind, place_id=place, row_class=row_class, received_at=at,
    )  # fmt: skip
    letter.keep_text(incoming.text)
    return letter


def _where(actor: Actor, text: str) -> tuple[str, str, str, int | None]:
    """Whose queue a letter would wait in: place, row class, kind, device_seq.

    What is confidential, or cannot be read and so might be, waits at the county only; the rest
    where it concerns. A person finds it there in any case, for every place named exists.
    """
    try:
        content = parse(text)
        check(content)
    except Refusal:
        return _county(actor), RowClass.ABOUT_OFFICIAL, "", _number(text)
    kind, number = content["kind"], content["device_seq"]
    if not is_ordinary(content["body"]):
        return _county(actor), RowClass.ABOUT_OFFICIAL, kind, number
    place = content["place"]
    if not actor.holds("matter.report", place):
        known = Place.objects.filter(code__in=ancestors(place)).order_by("-code").first()
        place = known.code if known else _county(actor)
    return place, RowClass.ORDINARY, kind, number


def _number(text: str) -> int | None:
    """The number of a letter that is wrong otherwise: its phone is not to be asked for it."""
    try:
        number = parse(text).get("device_seq")
    except Refusal:
        return None
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    return number if 0 < number < MOST_SEQ else None


def _county(actor: Actor) -> str:
    """The county of the sender, of whom perhaps only former posts are left."""
    if actor.home:
        return actor.home[:6]
    post = Grant.objects.filter(user_id=actor.id).first()
    return post.place_id[:6] if post else Place.objects.order_by("code")[0].code[:6]


def _keep_copy(
    actor: Actor, device: UUID, letter: Letter, item: Incoming, at: datetime
) -> None:
    """Keep what came under an id that was taken, once, where a person finds it."""
    if letter.copies.filter(text_index__in=indexes_of(item.text), user_id=actor.id).exists():
        return
    copy = _row(actor, device, item, uuid7(), at)
    copy.copy_of = letter
    copy.outcome, copy.code = Outcome.QUARANTINED, "letter.id_taken"
    copy.save(force_insert=True)


def _judge_all(
    actor: Actor,
    device: UUID,
    known: dict[UUID, Letter],
    incoming: Sequence[Incoming],
    at: datetime,
) -> None:
    judged: list[Letter] = []
    for item in incoming:
        letter = known[item.id]
        if not letter.says(item.text) or letter.user_id != actor.id:
            _keep_copy(actor, device, letter, item, at)
        elif letter.outcome == Outcome.PENDING:
            judge(actor, letter, item.text, at=at)
            judged.append(letter)
    if judged:
        _write_outcomes(judged)


def _write_outcomes(letters: list[Letter]) -> None:
    """Save what became of letters, by one statement that both databases understand."""
    rows = [
        value
        for letter in letters
        for value in (uuid_value(letter.id), str(letter.outcome), letter.code, letter.ref)
    ]
    lines = ", ".join(["(%s, %s, %s, %s)"] * len(letters))
    run_statement(
        "UPDATE letters_letter SET outcome = told.column2, code = told.column3,"  # noqa: S608
        f" ref = told.column4 FROM (VALUES {lines}) AS told"
        " WHERE letters_letter.id = told.column1",
        rows,
    )


def judge(actor: Actor, letter: Letter, text: str, *, at: datetime) -> None:
    """Set a letter's outcome by calling its action in a savepoint; the caller saves it."""
    letter.code, letter.ref = "", ""
    try:
        content = parse(text)
        check(content)
        with shielded(), attempt():
            letter.ref = HANDLERS[content["kind"]](
                actor, letter.id, content["place"], content["body"],
                tuple(letter.media), _moment(content["captured_at"], at), at,
            )  # fmt: skip
        letter.outcome = Outcome.STORED
    except Refusal as refusal:
        letter.code = refusal.code
        malformed = refusal.code in MALFORMED
        letter.outcome = Outcome.QUARANTINED if malformed else Outcome.HELD
    except (OperationalError, InterfaceError):
        raise  # the database itself is in trouble: nothing is answered, the phone keeps it
    except Exception:
        # A bug of ours must not lose the letter nor delay the others; a person sees it.
        log.exception("letter.crashed", extra={"letter": str(letter.id)})
        letter.outcome, letter.code = Outcome.QUARANTINED, "letter.crashed"


def _moment(text: str, at: datetime) -> datetime:
    """The device's own time; evidence only, so one that is no time here counts as now."""
    try:
        return localtime(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return at


def _answer(actor: Actor, item: Incoming, known: dict[UUID, Letter]) -> Answer:
    letter = known[item.id]
    if not letter.says(item.text) or letter.user_id != actor.id:
        return Answer(item.id, item.sha256, Outcome.QUARANTINED, "letter.id_taken")
    return Answer(item.id, item.sha256, letter.outcome, letter.code, letter.ref)
