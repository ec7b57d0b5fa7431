"""Settle the letters that wait for a person."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.letters.actions.receiving import judge
from lianhu.letters.models import Letter, Outcome
from lianhu.letters.queries.waiting import get_waiting
from lianhu.matters.actions.report import Report, report_matter


@transaction.atomic
def judge_again(actor: Actor, letter_id: UUID, sender: Actor, *, at: datetime) -> Letter:
    """Judge a waiting letter once more, with the sender's rights of today.

    Refuses ``letter.not_found``, and what the action refuses.
    """
    letter = get_waiting(actor, letter_id, lock=True)
    if sender.id != letter.user_id:
        raise NotPermitted("letter.not_found")
    judge(sender, letter, letter.text, at=at)
    if letter.outcome != Outcome.STORED:
        raise Refusal(letter.code)
    return _settle(actor, letter, "重新判断，已入库", at=at)


@transaction.atomic
def take_over(
    actor: Actor, letter_id: UUID, place: str, category: str, words: str, *, at: datetime
) -> Letter:
    """Enter what a waiting letter says as a matter under the settler's own rights.

    Refuses ``letter.not_found`` and what `report_matter` refuses.
    """
    letter = get_waiting(actor, letter_id, lock=True)
    report = Report(
        place=place, category=category, words=words, source="desk", origin_kind="letter",
        origin_id=letter.id, contact_name=letter.user.name, photos=tuple(letter.media),
    )  # fmt: skip
    matter = report_matter(actor, report, at=at)
    letter.ref = matter.ref
    return _settle(actor, letter, "已代为登记", at=at)


@transaction.atomic
def decline(actor: Actor, letter_id: UUID, words: str, *, at: datetime) -> Letter:
    """Leave a waiting letter as it is, with the reason; it stays kept.

    Refuses ``letter.not_found``, ``matter.no_words``.
    """
    letter = get_waiting(actor, letter_id, lock=True)
    if not words.strip():
        raise Refusal("matter.no_words")
    return _settle(actor, letter, words.strip(), at=at)


def _settle(actor: Actor, letter: Letter, words: str, *, at: datetime) -> Letter:
    letter.settled_at, letter.settled_by, letter.settled_words = at, actor.name, words
    letter.save()
    record(
        actor, "letter.settle", "letter", letter.id, letter.place_id, at=at,
        row_class=letter.row_class, quiet=True, users=[letter.user_id], outcome=letter.outcome,
    )  # fmt: skip
    return letter
