"""A workbook at the desk: brought, read, mended cell by cell, applied as a whole, or dropped.

The file lies sealed with its findings until it is applied, dropped or forgotten; nothing of it is
in the register before. Only who brought it sees it. Reading and writing may be long: the page
starts them, says how far they are, and can be left.
"""

import hashlib
import time
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils.timezone import localdate, localtime

from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import Refusal
from lianhu.kernel.memory import give_back, large_work
from lianhu.kernel.seal import seal_bytes, unseal_bytes
from lianhu.people.actions.imports import import_register, preview_import
from lianhu.people.actions.placing import wait_for_turn
from lianhu.people.models import ImportDraft, RegisterImport
from lianhu.people.queries.imports import get_draft
from lianhu.people.register.annotate import write_findings
from lianhu.people.register.findings import (
    Correction,
    Problem,
    cell_key,
)
from lianhu.people.register.packs import Found, pack, unpack
from lianhu.people.register.read import study_register
from lianhu.territory.queries import get_place

State = ImportDraft.State
MENDABLE = (
    "name",
    "relation",
    "id_number",
    "sex",
    "birth",
    "phones",
    "away",
    "village",
    "group",
)
MOST_VALUE = 100
APART = 1.0  # seconds between two words on how far a reading is


def limits() -> dict[str, int]:
    """The limits of `catalogue/register/imports.toml`."""
    found: dict[str, int] = read("register/imports.toml")["drafts"]
    return found


@transaction.atomic
def open_draft(
    actor: Actor, place: str, file_name: str, content: bytes, *, at: datetime
) -> ImportDraft:
    """Keep a workbook, sealed, to be read next.

    Refuses ``account.not_permitted``, ``place.not_found``, ``register.too_large``, ``register.empty``,
    ``register.too_many`` (workbooks that wait already).
    """
    actor.require("household.load", place)
    place = get_place(place).code
    if not content:
        raise Refusal("register.empty")
    if len(content) > limits()["largest_mb"] << 20:
        raise Refusal("register.too_large", most=limits()["largest_mb"])
    waiting = ImportDraft.objects.filter(actor_id=actor.id).exclude(state=State.DONE)
    if waiting.count() >= limits()["most_open"]:
        raise Refusal("register.too_many", most=limits()["most_open"])
    draft = ImportDraft(
        place_id=place, at=at, began_at=at, actor_id=actor.id,
        file_name=Path(file_name.replace("\\", "/")).name.replace("\x00", "")[-200:] or "表格",
        file_sha256=hashlib.sha256(content).hexdigest(),
        expires_at=at + timedelta(days=limits()["keep_days"]),
    )  # fmt: skip
    draft.content_sealed = seal_bytes(content, f"draft.content.{draft.id}")
    draft.save(force_insert=True)
    record(
        actor, "register.bring", "register", draft.id, place, at=at, quiet=True,
        size=len(content),
    )  # fmt: skip
    return draft


def read_draft(actor: Actor, draft_id: UUID, *, at: datetime) -> ImportDraft:
    """Read a draft's workbook and keep what was found; a workbook that cannot be read is not
    kept. Writes nothing to the register. Refuses ``register.not_found``."""
    draft = get_draft(actor, draft_id)
    said = time.monotonic()

    def tick(persons: int) -> None:
        # Seldom: the row holds the whole file, which is written anew each time.
        nonlocal said
        if time.monotonic() - said >= APART:
            ImportDraft.objects.filter(id=draft.id).update(rows_read=persons)
            said = time.monotonic()

    with TemporaryDirectory(prefix="lianhu-") as folder:
        path = _unpacked(draft, folder)
        found = Found(
            *study_register(
                path, draft.place_id, today=localdate(at), corrections=corrections_of(draft),
                tick=tick,
            )
        )  # fmt: skip
    give_back()
    found.register.file = draft.file_name
    draft.refusal = draft.refusal_words = ""
    try:
        found.said = preview_import(actor, found.register, draft.place_id).said
        draft.state = State.READY
    except Refusal as refusal:
        draft.state = State.REFUSED
        draft.refusal = refusal.code
        draft.refusal_words = msgspec.json.encode(refusal.details).decode()[:300]
    if not found.register.readable:
        draft.content_sealed = b""
    draft.found_sealed = seal_bytes(pack(found), f"draft.found.{draft.id}")
    draft.rows_read = len(found.register.rows)
    changed = ["state", "refusal", "refusal_words", "found_sealed", "rows_read"]
    if not found.register.readable:
        changed.append("content_sealed")
    draft.save(update_fields=changed)
    return draft


def _unpacked(draft: ImportDraft, folder: str) -> Path:
    """The workbook as a file of a folder that only this process reads, for as long as it lasts."""
    path = Path(folder, "register")
    path.write_bytes(unseal_bytes(draft.content_sealed, f"draft.content.{draft.id}"))
    return path


def found_of(draft: ImportDraft, *, rows: bool = True) -> Found:
    """What was found in a draft when it was last read; the rows taken only where they are wanted."""
    return unpack(unseal_bytes(draft.found_sealed, f"draft.found.{draft.id}"), rows=rows)


def corrections_of(row: ImportDraft | RegisterImport) -> list[Correction]:
    """The cells that were mended at the desk, in order."""
    content = unseal_bytes(row.corrections_sealed, _corrections(row))
    return msgspec.json.decode(content, type=list[Correction]) if content else []


def _corrections(row: ImportDraft | RegisterImport) -> str:
    """For where a row's corrections are sealed."""
    table = "register" if isinstance(row, RegisterImport) else "draft"
    return f"{table}.corrections.{row.id}"


def _keep(row: ImportDraft | RegisterImport, made: list[Correction]) -> None:
    content = msgspec.json.encode(made) if made else b""
    row.corrections_sealed = seal_bytes(content, _corrections(row))


@transaction.atomic
def correct_cell(
    actor: Actor, draft_id: UUID, sheet: str, row: int, field: str, value: str, *, at: datetime
) -> ImportDraft:
    """Read one faulty cell as `value` from now on; "" takes an earlier correction back.

    It is kept with who and when, and goes with the import; the file itself stays as it came. The
    caller reads the draft anew. Refuses ``register.not_found``, ``register.not_ready``,
    ``register.bad_correction`` (no problem there, or a value too long).
    """
    draft = get_draft(actor, draft_id, lock=True)
    if draft.state not in {State.READY, State.REFUSED} or not draft.content_sealed:
        raise Refusal("register.not_ready")
    found, made = found_of(draft, rows=False), corrections_of(draft)
    before = [c for c in made if (c.sheet, c.row, c.field) == (sheet, row, field)]
    faulty = any(
        (p.sheet, p.row, p.field) == (sheet, row, field) for p in found.register.problems
    )
    value = " ".join(value.replace("\x00", "").split())
    known = field in MENDABLE and (faulty or before) and (value or before)
    if not known or len(value) > MOST_VALUE:
        raise Refusal("register.bad_correction")
    said = (
        before[0].old
        if before
        else found.cells.get(cell_key(Problem(sheet, row, field, "")), "")
    )
    made = [c for c in made if c not in before]
    if value:
        when = localtime(at).isoformat(timespec="minutes")
        made.append(Correction(sheet, row, field, value, said, actor.name, when))
    _keep(draft, made)
    draft.state, draft.began_at = State.READING, at
    draft.save()
    record(
        actor, "register.correct", "register", draft.id, draft.place_id, at=at, quiet=True,
        row=row, field=field,
    )  # fmt: skip
    return draft


@transaction.atomic
def begin_apply(actor: Actor, draft_id: UUID, *, at: datetime) -> ImportDraft:
    """Mark a draft as being written, once; refuses ``register.not_found``,
    ``register.not_ready``."""
    draft = get_draft(actor, draft_id, lock=True)
    if draft.state != State.READY:
        raise Refusal("register.not_ready")
    draft.state, draft.began_at = State.APPLYING, at
    draft.save(update_fields=["state", "began_at"])
    return draft


def apply_draft(actor: Actor, draft_id: UUID, *, at: datetime) -> ImportDraft:
    """Write what a draft found new, all of it or nothing, and let the file go.

    What is there by now is looked up anew, so that nothing is written twice. A refusal leaves the
    draft as it was, with its words. Refuses ``register.not_found``.
    """
    draft = get_draft(actor, draft_id)
    try:
        with transaction.atomic(), large_work():
            _write(actor, draft, at)
    except Refusal as refusal:
        draft = get_draft(actor, draft_id)
        draft.state, draft.refusal = State.REFUSED, refusal.code
        draft.refusal_words = msgspec.json.encode(refusal.details).decode()[:300]
        draft.save(update_fields=["state", "refusal", "refusal_words"])
    return draft


def _write(actor: Actor, draft: ImportDraft, at: datetime) -> None:
    found = found_of(draft)
    wait_for_turn(draft.place_id)
    preview = preview_import(actor, found.register, draft.place_id)
    entry = import_register(actor, preview, draft.file_sha256, at=at)
    if entry and (made := corrections_of(draft)):
        _keep(entry, made)
        entry.save(update_fields=["corrections_sealed"])
    draft.import_id = entry.id if entry else None
    draft.state = State.DONE
    draft.content_sealed = draft.found_sealed = draft.corrections_sealed = b""
    draft.save()


@transaction.atomic
def drop_draft(actor: Actor, draft_id: UUID, *, at: datetime) -> None:
    """Delete a workbook that is not to be imported. Refuses ``register.not_found``,
    ``register.not_ready`` (it is being written)."""
    draft = get_draft(actor, draft_id, lock=True)
    if draft.state == State.APPLYING and not is_stuck(draft, at):
        raise Refusal("register.not_ready")
    record(actor, "register.drop", "register", draft.id, draft.place_id, at=at, quiet=True)
    draft.delete()


def is_stuck(draft: ImportDraft, at: datetime) -> bool:
    """Whether a reading or writing has died with its process."""
    under_way = draft.state in {State.READING, State.APPLYING}
    return under_way and at - draft.began_at > timedelta(minutes=limits()["stuck_minutes"])


def annotated(actor: Actor, draft_id: UUID, *, at: datetime) -> bytes:
    """The workbook back with the findings in its cells, noted in the ledger.

    Refuses ``register.not_found``, ``register.not_ready``.
    """
    draft = get_draft(actor, draft_id)
    if not draft.found_sealed:
        raise Refusal("register.not_ready")
    with TemporaryDirectory(prefix="lianhu-") as folder:
        out = Path(folder, "findings.xlsx")
        found, made = found_of(draft, rows=False), corrections_of(draft)
        write_findings(_unpacked(draft, folder), found.register, out, made)
        content = out.read_bytes()
    record(actor, "export", "register-findings", draft.id, draft.place_id, at=at, quiet=True)
    return content


def forget_drafts(*, at: datetime) -> int:
    """Delete workbooks whose time is over; how many. For the daily run."""
    gone, _ = ImportDraft.objects.filter(expires_at__lte=at).delete()
    return gone
