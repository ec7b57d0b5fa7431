"""Bugs of our own, each realistic, that the attack must catch: on the server and on the phone.

A server's mutant patches one function in the worker that loads it (`spoil`); a phone's changes one
text of the app as it is bundled. `hunt` says which trouble brings it out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Mutant:
    """A bug: what it does, and the invariants of which one must catch it."""

    name: str
    what: str
    caught_by: tuple[str, ...]
    hunt: tuple[str, ...] = ("kill_server", "freeze")
    phone: tuple[tuple[str, str, str], ...] = ()
    upgraded: tuple[tuple[str, str, str], ...] = ()  # what only the app of tomorrow has wrong


SERVER = (
    Mutant("ack_before_commit", "letters are answered for, then written", ("I1",)),
    Mutant("judges_again", "a letter that comes again is acted upon again", ("I2",)),
    Mutant("whole_batch_ack", "a batch is answered for when its first letter is kept", ("I1",)),
    Mutant("poison_stops_batch", "one refused letter breaks off its batch", ("I7", "I14")),
    Mutant("version_forgotten", "two of three changes raise no version", ("I3", "I6")),
    Mutant("cached_without_version", "a parcel is remembered whatever its version", ("I3", "I6")),
    Mutant("scope_remembered", "whose grids are whose is read once a process", ("I4",), ("reassign",)),
    Mutant("photo_not_kept", "a photo is called whole before it is stored", ("I8",)),
    Mutant("repeat_says_retry", "a letter that comes again is asked for again", ("I1", "I14")),
    Mutant("hash_not_checked", "what a letter's hash says is not held against its text", ("I1",)),
    Mutant("device_clock_rules", "a letter of another day than today is refused", ("I12",), ("clock",)),
)  # fmt: skip
PHONE = (
    Mutant(
        "cleared_on_send", "a letter leaves the outbox as it is sent", ("I1",),
        phone=(("sync/send.ts", "const answer = await api.letters(batch);",
                "await box.waiting.clear(); const answer = await api.letters(batch);"),),
    ),
    Mutant(
        "relaxed_durability", "已存本机 is said while the letter is in a buffer", ("I1",),
        ("kill_phone",),
        phone=(("outbox/db.ts", 'chromeTransactionDurability: "strict"',
                'chromeTransactionDurability: "relaxed"'),),
    ),
    Mutant(
        "kept_after_reassignment", "grids of a former post stay on the phone", ("I3", "I4"),
        ("reassign",),
        phone=(("sync/pull.ts",
                "await parcels.parcels.bulkDelete([...new Set([...answer.gone, ...foreign])]);",
                "void foreign;"),),
    ),
    Mutant(
        "photo_dropped", "a photo is forgotten when it could not be sent", ("I8",), ("freeze",),
        phone=(("sync/photos.ts", "pace.delay(photo.sha256);",
                "await box.photos.delete(photo.sha256);"),),
    ),
    Mutant(
        "journal_not_kept", "no copy is kept of what the office answered for", ("I1",),
        ("restore",),
        phone=(("outbox/settle.ts", "await box.journal.put(copy);", "void copy;"),),
    ),
    Mutant(
        "upgrade_drops_outbox", "the app of tomorrow begins with an empty outbox", ("I1", "I11"),
        ("upgrade",),
        upgraded=(("outbox/db.ts", 'waiting: "id, seq, kind" });',
                   'waiting: "id, seq, kind" }).upgrade((all) => all.table("waiting").clear());'),),
    ),
    Mutant(
        "versions_of_another_epoch", "parcels of before a restore are taken for those of after",
        ("I3",), ("restore",),
        phone=(("sync/pull.ts", "known !== null && known !== answer.body.epoch",
                "known === answer.body.epoch && known !== answer.body.epoch"),),
    ),
    Mutant(
        "epoch_ignored", "a restored office is taken for the old one", ("I1",), ("restore",),
        phone=(("outbox/settle.ts", "const known = await box.fact",
                "if (epoch) return 0; const known = await box.fact"),),
    ),
)  # fmt: skip
MUTANTS = {m.name: m for m in (*SERVER, *PHONE)}


def spoil(name: str) -> None:
    """Put a server's bug into this process; a phone's leaves it as it is."""
    if name in _SPOIL:
        _SPOIL[name]()


def _ack_before_commit() -> None:
    from threading import Timer  # noqa: PLC0415

    from lianhu.letters.actions.receiving import Answer, receive  # noqa: PLC0415
    from lianhu.phone import api  # noqa: PLC0415

    def early(actor: Any, device: Any, incoming: Any, *, at: Any) -> Any:
        Timer(0.5, receive, (actor, device, incoming), {"at": at}).start()
        return [Answer(i.id, i.sha256, "stored", "", "CODE") for i in incoming]

    api.receive = early


def _judges_again() -> None:
    from lianhu.kernel.ids import uuid7  # noqa: PLC0415
    from lianhu.letters.actions import receiving as actions  # noqa: PLC0415
    from lianhu.letters.models import Outcome  # noqa: PLC0415

    keep, handlers = actions._keep, actions.HANDLERS

    def forgetful(actor: Any, device: Any, incoming: Any, at: Any) -> Any:
        rows = keep(actor, device, incoming, at)
        for row in rows.values():
            row.outcome = Outcome.PENDING
        return rows

    actions._keep = forgetful
    report = handlers["matter.report/1"]
    handlers["matter.report/1"] = lambda actor, letter, *rest: report(actor, uuid7(), *rest)


def _whole_batch_ack() -> None:
    from lianhu.letters.actions.receiving import Answer, receive  # noqa: PLC0415
    from lianhu.phone import api  # noqa: PLC0415

    def first_only(actor: Any, device: Any, incoming: Any, *, at: Any) -> Any:
        answers = receive(actor, device, incoming[:1], at=at)
        more = [Answer(i.id, i.sha256, "stored", "", "CODE") for i in incoming[1:]]
        return [*answers, *more]

    api.receive = first_only


def _poison_stops_batch() -> None:
    from lianhu.letters.actions import receiving as actions  # noqa: PLC0415
    from lianhu.letters.models import Outcome  # noqa: PLC0415

    judge = actions.judge

    def harsh(actor: Any, letter: Any, text: str, *, at: Any) -> None:
        judge(actor, letter, text, at=at)
        if letter.outcome != Outcome.STORED:
            raise RuntimeError("refused")

    actions.judge = harsh


def _version_forgotten() -> None:
    from itertools import count  # noqa: PLC0415

    from lianhu.audit import actions  # noqa: PLC0415

    raised, number = actions._raise, count()

    def forgetful(keys: Any) -> Any:
        return raised(keys) if next(number) % 3 == 0 else raised([])

    actions._raise = forgetful


def _cached_without_version() -> None:
    from lianhu.phone import parcels as depot  # noqa: PLC0415

    whole = depot.parcels

    def kept(actor: Any, wanted: Any, **more: Any) -> Any:
        found = whole(actor, dict.fromkeys(wanted, 1), **more)
        # The version of today around the content of the first day.
        return {
            grid: content.replace(b'"version":1,', f'"version":{wanted[grid]},'.encode(), 1)
            for grid, content in found.items()
        }

    depot.parcels = kept


def _scope_remembered() -> None:
    from lianhu.phone import parcels as depot  # noqa: PLC0415

    own, known = depot.own_grids, {}

    def remembered(actor: Any) -> Any:
        known.setdefault(actor.id, sorted(own(actor)))
        return depot.versions(known[actor.id])

    depot.own_grids = remembered
    whole = depot.parcels

    def open_to_former(actor: Any, wanted: Any, **more: Any) -> Any:
        more_scopes = {verb: (*codes, *wanted) for verb, codes in actor.scopes.items()}
        from dataclasses import replace  # noqa: PLC0415

        return whole(replace(actor, scopes=more_scopes), wanted, **more)

    depot.parcels = open_to_former


def _photo_not_kept() -> None:
    from lianhu.phone import api  # noqa: PLC0415

    api.receive_part = lambda *_, **__: None


def _repeat_says_retry() -> None:
    from dataclasses import replace  # noqa: PLC0415

    from lianhu.letters.actions import receiving as actions  # noqa: PLC0415
    from lianhu.letters.models import Outcome  # noqa: PLC0415

    keep, answer, again = actions._keep, actions._answer, set()

    def noting(actor: Any, device: Any, incoming: Any, at: Any) -> Any:
        rows = keep(actor, device, incoming, at)
        again.update(i for i, row in rows.items() if row.outcome != Outcome.PENDING)
        return rows

    def asking(actor: Any, item: Any, known: Any) -> Any:
        given = answer(actor, item, known)
        return replace(given, outcome="retry") if item.id in again else given

    actions._keep, actions._answer = noting, asking


def _hash_not_checked() -> None:
    from lianhu.letters.actions import receiving as actions  # noqa: PLC0415

    actions.fits = lambda text, sha256: True


def _device_clock_rules() -> None:
    from datetime import datetime  # noqa: PLC0415

    from django.utils.timezone import localdate  # noqa: PLC0415

    from lianhu.kernel.errors import Refusal  # noqa: PLC0415
    from lianhu.letters.actions import receiving as actions  # noqa: PLC0415

    moment = actions._moment

    def strict(text: str, at: datetime) -> datetime:
        if moment(text, at).date() != localdate(at):
            raise Refusal("letter.bad_body", field="captured_at")
        return moment(text, at)

    actions._moment = strict


_SPOIL: dict[str, Callable[[], None]] = {
    "ack_before_commit": _ack_before_commit,
    "judges_again": _judges_again,
    "whole_batch_ack": _whole_batch_ack,
    "poison_stops_batch": _poison_stops_batch,
    "version_forgotten": _version_forgotten,
    "cached_without_version": _cached_without_version,
    "scope_remembered": _scope_remembered,
    "photo_not_kept": _photo_not_kept,
    "repeat_says_retry": _repeat_says_retry,
    "hash_not_checked": _hash_not_checked,
    "device_clock_rules": _device_clock_rules,
}
