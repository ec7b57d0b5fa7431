"""Carry a list of residents out as a file: ask, agree, take. One call, one ledger entry.

Few persons go at once, for a purpose. From the first threshold of catalogue/exports.toml on
another person agrees, higher up for more; then the file is there for some hours and some times.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from lianhu.accounts.models import User
from lianhu.accounts.queries.actors import actor_for
from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import Refusal
from lianhu.kernel.ids import follow_code
from lianhu.kernel.seal import seal
from lianhu.kernel.transactions import one_transaction
from lianhu.people.models import Export
from lianhu.people.queries.exports import get_own, get_waiting, taking_of, terms
from lianhu.people.rules import tier_of

LONGEST = 200
State = Export.State


@one_transaction
def ask_export(
    actor: Actor, name: str, place: str, persons: int, purpose: str, words: str = "", *,
    asked: str, minors: int = 0, at: datetime,
) -> Export:  # fmt: skip
    """Ask for a list of so many persons; `asked` are its filters as an address has them. Where
    `minors` of them stand in it in clear, a second person agrees to few too.

    What is agreed (`tier` 0) may be taken at once; the rest waits for a second person. Refuses
    ``account.not_permitted``, ``export.no_purpose``, ``export.no_words``, ``export.too_long``.
    """
    actor.require("export", place)
    if purpose not in read("purposes.toml")["export"]:
        raise Refusal("export.no_purpose")
    # Two at once of the same person must see each other.
    User.objects.select_for_update().get(id=actor.id)
    tier = max(taking_of(actor, persons, at=at).tier, int(minors > 0))
    words = _words(words, needed=tier > 0)
    now = terms(localdate(at))
    row = Export(
        place_id=place, name=name, number=follow_code(), purpose=purpose, words=words,
        persons=persons, minors=minors, tier=tier, asker_id=actor.id, asked_at=at,
        state=State.ASKED if tier else State.AGREED,
        ends_at=at + timedelta(hours=now["wait_hours" if tier else "file_hours"]),
    )  # fmt: skip
    row.asked_sealed = seal(asked, f"export.asked.{row.id}")
    row.save(force_insert=True)
    _note(actor, "export.ask", row, at)
    return row


@one_transaction
def agree_export(actor: Actor, export_id: UUID, words: str, *, at: datetime) -> Export:
    """Agree, as the second person, that a list is carried out.

    Refuses ``export.not_found`` (absent, over, one's own, out of reach), ``export.same_person``,
    ``export.asker_gone``, ``export.one_holds``, ``export.too_long``.
    """
    row = get_waiting(actor, export_id, at=at)
    on = localdate(at)
    asker, second = row.asker, User.objects.get(id=actor.id)
    if second.is_same_person(asker):
        raise Refusal("export.same_person")
    as_asker = actor_for(asker, on=on)
    if not (asker.is_active and as_asker.holds("export", row.place_id)):
        raise Refusal("export.asker_gone")
    now = terms(on)
    one_holds = now["tiers"][row.tier - 1].get("one_holds", "")
    if one_holds and not any(a.holds(one_holds, row.place_id) for a in (actor, as_asker)):
        raise Refusal("export.one_holds")
    row.second_id, row.second_words = actor.id, _words(words)
    row.state, row.ends_at = State.AGREED, at + timedelta(hours=now["file_hours"])
    row.save(update_fields=["second", "second_words", "state", "ends_at"])
    _note(actor, "export.agree", row, at)
    return row


@one_transaction
def decline_export(actor: Actor, export_id: UUID, words: str, *, at: datetime) -> Export:
    """Do not agree, and say why. Refuses ``export.not_found``, ``export.no_words``,
    ``export.too_long``."""
    row = get_waiting(actor, export_id, at=at)
    row.second_id, row.second_words = actor.id, _words(words, needed=True)
    row.state, row.ends_at, row.asked_sealed = State.DECLINED, at, b""
    row.save(update_fields=["second", "second_words", "state", "ends_at", "asked_sealed"])
    _note(actor, "export.decline", row, at)
    return row


@one_transaction
def drop_export(actor: Actor, export_id: UUID, *, at: datetime) -> Export:
    """Take back what one asked for. Refuses ``export.not_found``, ``export.over``."""
    row = get_own(actor, export_id, lock=True)
    if row.state not in (State.ASKED, State.AGREED) or row.ends_at <= at:
        raise Refusal("export.over")
    row.state, row.ends_at, row.asked_sealed = State.DROPPED, at, b""
    row.save(update_fields=["state", "ends_at", "asked_sealed"])
    _note(actor, "export.drop", row, at)
    return row


@one_transaction
def take_export(
    actor: Actor, export_id: UUID, persons: int, *, whole: bool = False, minors: int = 0,
    at: datetime,
) -> Export:  # fmt: skip
    """Take what was agreed to, of so many persons (and `minors` in clear) as it holds by now.

    Refuses ``account.not_permitted``, ``export.not_found``, ``export.waiting``, ``export.over``,
    ``export.grown`` (it came to hold so many that somebody else would have to agree).
    """
    row = get_own(actor, export_id, lock=True)
    actor.require("export", row.place_id)
    now = terms(localdate(at))
    if row.state == State.ASKED:
        raise Refusal("export.waiting")
    times = now["file_times"] if row.tier else 1
    if row.state != State.AGREED or row.ends_at <= at or row.taken >= times:
        raise Refusal("export.over")
    if max(tier_of(persons, now["tiers"]), int(minors > 0)) > row.tier:
        raise Refusal("export.grown")
    row.taken += 1
    if row.taken == times:
        row.asked_sealed = b""  # a name that was searched for is kept no longer than needed
    row.save(update_fields=["taken", "asked_sealed"])
    if row.name == "register":
        record(
            actor, "register.export", "register", row.place_id, row.place_id, at=at, quiet=True,
            rows=persons, purpose=row.purpose, whole=whole, minors=minors, number=row.number,
        )  # fmt: skip
    else:
        record(
            actor, "export", "list", row.name, row.place_id, at=at, quiet=True, rows=persons,
            purpose=row.purpose, number=row.number,
        )  # fmt: skip
    return row


def _words(text: str, *, needed: bool = False) -> str:
    words = text.strip().replace("\x00", "")
    if needed and not words:
        raise Refusal("export.no_words")
    if len(words) > LONGEST:
        raise Refusal("export.too_long")
    return words


def _note(actor: Actor, verb: str, row: Export, at: datetime) -> None:
    record(
        actor, verb, "list", row.name, row.place_id, at=at, quiet=True, rows=row.persons,
        purpose=row.purpose, number=row.number,
    )  # fmt: skip
