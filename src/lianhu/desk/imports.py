"""Import a register: drop a workbook, see what was understood, mend cells, apply, undo.

Small workbooks are read while the officer waits, large ones in the background: the page says how
far it is and may be left.
"""

import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.desk.excel import XLSX
from lianhu.desk.page import REFUSED, chosen_place, go, said, show, staff
from lianhu.desk.proving import fresh
from lianhu.desk.taking import Built, take
from lianhu.desk.where import names_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import Refusal
from lianhu.kernel.watermark import Mark
from lianhu.people.actions import drafts
from lianhu.people.actions.export import minors_in, register_size, write_register
from lianhu.people.actions.undo import undo_import
from lianhu.people.queries.imports import get_draft, get_import, list_drafts, list_imports
from lianhu.people.register.findings import cell_key
from lianhu.people.register.packs import Found
from lianhu.territory.queries import get_place, list_places
from lianhu.web.words import words_of

PAGE, MOST_IMPORTS = 50, 10
HOME = "/desk/register/"
FIELDS = {
    "town": "乡镇", "village": "村", "group": "组", "village_group": "村组", "address": "住址",
    "household": "户号", "head_name": "户主", "name": "姓名", "relation": "与户主关系",
    "id_number": "身份证号", "sex": "性别", "birth": "出生日期", "phones": "电话",
    "away": "是否外出", "remark": "备注", "sheet": "整张表", "file": "整个文件",
}  # fmt: skip


@staff
def register(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Bring a workbook; below, those on their way and the imports so far."""
    actor.require("household.load", "")
    if request.method == "POST":
        return _bring(request, actor)
    return _home(request, actor)


def _home(request: HttpRequest, actor: Actor, refused: str = "") -> HttpResponse:
    place = chosen_place(request, actor, "household.load")
    imports = list(list_imports(actor)[:MOST_IMPORTS])
    waiting = list(list_drafts(actor))
    villages: dict[str, list[Any]] = {}
    for village in list_places("village", place[:6]):
        villages.setdefault(village.code[:9], []).append(village)
    towns = {town.code: town.name for town in list_places("town", place[:6])}
    return show(
        request, actor, "desk/register/home.html", tab="register",
        status=REFUSED if refused else 200, refused=refused, imports=imports, waiting=waiting,
        more_imports=bool(imports),
        names=names_for(actor, [row.place_id for row in (*imports, *waiting)]),
        county=list_places("county", place[:6]).first(), place=place,
        villages=[(towns.get(code, code), rows) for code, rows in villages.items()],
        limits=drafts.limits(),
        may_whole=actor.holds("register.export", place),
    )  # fmt: skip


def _bring(request: HttpRequest, actor: Actor) -> HttpResponse:
    file, now = request.FILES.get("file"), timezone.now()
    place = request.POST.get("place", "") or chosen_place(request, actor, "household.load")
    try:
        if file is None:
            raise Refusal("register.empty")
        if (file.size or 0) > drafts.limits()["largest_mb"] << 20:
            raise Refusal("register.too_large", most=drafts.limits()["largest_mb"])
        draft = drafts.open_draft(actor, place, file.name or "", file.read(), at=now)
    except Refusal as refusal:
        return _home(request, actor, said(refusal))
    _start(actor, draft.id, drafts.read_draft, small=(file.size or 0) <= _at_once())
    return go(_path(draft.id))


def _at_once() -> int:
    return drafts.limits()["at_once_kb"] << 10


def _path(draft_id: UUID) -> str:
    return f"{HOME}drafts/{draft_id}/"


def _start(actor: Actor, draft_id: UUID, job: Callable[..., Any], *, small: bool) -> None:
    """Run a job now if it is small, else beside this request; the draft says how far it is."""
    if small:
        job(actor, draft_id, at=timezone.now())
        return

    def run() -> None:
        try:
            job(actor, draft_id, at=timezone.now())
        finally:
            close_old_connections()

    threading.Thread(target=run, name=f"register-{draft_id}", daemon=True).start()


@staff
def draft(request: HttpRequest, actor: Actor, draft_id: UUID) -> HttpResponseBase:
    """What was found in a workbook, or how far its reading or writing is."""
    return _draft(request, actor, draft_id)


def _draft(
    request: HttpRequest, actor: Actor, draft_id: UUID, refused: str = ""
) -> HttpResponse:
    row = get_draft(actor, draft_id)
    if row.import_id:
        return go(f"{HOME}imports/{row.import_id}/", done="register")
    page: dict[str, Any] = {
        "draft": row,
        "names": names_for(actor, [row.place_id]),
        "refused": refused,
        "stuck": drafts.is_stuck(row, timezone.now()),
        "seconds": int((timezone.now() - row.began_at).total_seconds()),
    }
    if row.state in {"ready", "refused"}:
        page |= _findings(request, row)
    status = REFUSED if refused else 200
    return show(
        request, actor, "desk/register/draft.html", tab="register", status=status, **page
    )


def _findings(request: HttpRequest, row: Any) -> dict[str, Any]:
    """The preview of a draft: what was understood, what is wrong, one page of rows."""
    found, made = drafts.found_of(row, rows=False), drafts.corrections_of(row)
    kinds, mend = read("register/kinds.toml")["words"], read("register/mend.toml")["words"]
    problems = found.register.problems
    wanted = request.GET.get("kind", "")
    shown = [p for p in problems if not wanted or p.kind == wanted]
    asked = request.GET.get("page", "1")
    number = int(asked) if asked.isdecimal() and len(asked) < 6 else 1
    number = max(1, min(number, -(-len(shown) // PAGE) or 1))
    mended = {(c.sheet, c.row, c.field): c for c in made}
    lines = [
        {
            "problem": p,
            "name": found.named.get(p.sheet, {}).get(p.row, ""),
            "field": FIELDS.get(p.field, p.field),
            "words": kinds[p.kind],
            "mend": mend.get(p.kind, ""),
            "cell": found.cells.get(cell_key(p), ""),
            "may": bool(row.content_sealed) and p.field in drafts.MENDABLE and p.row > 0,
            "made": mended.get((p.sheet, p.row, p.field)),
        }
        for p in shown[(number - 1) * PAGE : number * PAGE]
    ]
    counted = Counter(p.kind for p in problems).most_common()
    said_there = found.said
    return {
        "found": found,
        "persons": sum(found.persons.values()),
        "sheets": [_sheet(name, rows, found) for name, rows in found.register.header_rows],
        "kinds": [(kind, kinds[kind], count) for kind, count in counted],
        "kind": wanted,
        "lines": lines,
        "sheet": {"number": number, "more": number * PAGE < len(shown), "next": number + 1,
                  "previous": number - 1},
        "made": [(c, FIELDS.get(c.field, c.field)) for c in made],
        "new": said_there.get("new", {}),
        "already": said_there.get("already", {}),
        "elsewhere": said_there.get("elsewhere", [])[:PAGE],
        "why": _why(row),
    }  # fmt: skip


def _sheet(name: str, rows: list[int], found: Found) -> dict[str, Any]:
    columns = next(columns for sheet, columns in found.understood if sheet == name)
    return {
        "name": name or "文件",
        "rows": rows,
        "taken": [(c.heading, FIELDS.get(c.field, c.field)) for c in columns if c.field],
        "left": [c.heading for c in columns if not c.field],
        "persons": found.persons.get(name, 0),
    }


def _why(row: Any) -> str:
    """Why a draft cannot be imported, in words."""
    if not row.refusal:
        return ""
    details = {}
    if row.refusal_words.startswith("{") and row.refusal_words.endswith("}"):
        details = msgspec.json.decode(row.refusal_words.encode())
    if "kind" in details:
        kinds = read("register/kinds.toml")["words"]
        details["kind"] = kinds.get(details["kind"], details["kind"])
    return words_of(Refusal(row.refusal, **details))


@require_POST
@staff
def correct(request: HttpRequest, actor: Actor, draft_id: UUID) -> HttpResponseBase:
    """Read one faulty cell as the officer says; then the whole workbook anew."""
    typed = request.POST
    number = typed.get("row", "")
    try:
        row = int(number) if number.isdecimal() and len(number) < 9 else 0
        changed = drafts.correct_cell(
            actor, draft_id, typed.get("sheet", ""), row, typed.get("field", ""),
            typed.get("value", ""), at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        return _draft(request, actor, draft_id, said(refusal))
    small = len(changed.content_sealed) <= _at_once()
    _start(actor, draft_id, drafts.read_draft, small=small)
    return go(_path(draft_id), done="correct", kind=typed.get("kind", ""))


@require_POST
@staff
def again(request: HttpRequest, actor: Actor, draft_id: UUID) -> HttpResponseBase:
    """Read a workbook once more whose reading died with its process."""
    row = get_draft(actor, draft_id)
    if drafts.is_stuck(row, timezone.now()) or row.state in {"ready", "refused"}:
        small = len(row.content_sealed) <= _at_once()
        _start(actor, draft_id, drafts.read_draft, small=small)
    return go(_path(draft_id))


@require_POST
@staff
def apply(request: HttpRequest, actor: Actor, draft_id: UUID) -> HttpResponseBase:
    """Write it, all or nothing."""
    try:
        changed = drafts.begin_apply(actor, draft_id, at=timezone.now())
    except Refusal as refusal:
        return _draft(request, actor, draft_id, said(refusal))
    small = len(changed.content_sealed) <= _at_once()
    _start(actor, draft_id, drafts.apply_draft, small=small)
    row = get_draft(actor, draft_id)
    return go(HOME, done="nothing") if _nothing(row) else go(_path(draft_id))


def _nothing(row: Any) -> bool:
    return row.state == "done" and row.import_id is None


@require_POST
@staff
def drop(request: HttpRequest, actor: Actor, draft_id: UUID) -> HttpResponseBase:
    """Delete a workbook that is not to be imported."""
    try:
        drafts.drop_draft(actor, draft_id, at=timezone.now())
    except Refusal as refusal:
        return _draft(request, actor, draft_id, said(refusal))
    return go(HOME, done="drop")


@require_POST
@staff
def findings(request: HttpRequest, actor: Actor, draft_id: UUID) -> HttpResponseBase:
    """The workbook back with the findings in its cells."""
    try:
        content = drafts.annotated(actor, draft_id, at=timezone.now())
    except Refusal as refusal:
        return _draft(request, actor, draft_id, said(refusal))
    response = HttpResponse(content, content_type=XLSX)
    file = f"lianhu-findings-{localdate().isoformat()}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{file}"'
    return response


@require_POST
@staff
@fresh
def export(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The register of a place in the shape in which it comes in."""
    if "place" in request.POST:
        wanted = {name: request.POST.get(name, "") for name in ("place", "whole")}
        request.GET = QueryDict(urlencode(wanted))
    return take(request, actor, "register", build_register(request, actor))


def build_register(request: HttpRequest, actor: Actor) -> Built:
    """The register of a place in the shape in which it comes in, masked unless whole."""
    place = get_place(request.GET.get("place", "")).code
    whole = request.GET.get("whole") == "1"
    persons = register_size(actor, place, whole=whole)

    def write(mark: Mark) -> bytes:
        with TemporaryDirectory(prefix="lianhu-") as folder:
            path = Path(folder, "register.xlsx")
            write_register(actor, place, path, mark, whole=whole)
            return path.read_bytes()

    minors = minors_in(actor, place, localdate()) if whole else 0
    return Built(place, persons, write, whole, minors)


@staff
def one(request: HttpRequest, actor: Actor, import_id: UUID) -> HttpResponseBase:
    """One import: what it made, which cells were mended, and taking it back as a whole."""
    entry = get_import(actor, import_id)
    refused = ""
    if request.method == "POST":
        try:
            undo_import(actor, import_id, at=timezone.now())
        except Refusal as refusal:
            refused = said(refusal)
        else:
            return go(f"{HOME}imports/{import_id}/", done="undo")
    made = [(c, FIELDS.get(c.field, c.field)) for c in drafts.corrections_of(entry)]
    return show(
        request, actor, "desk/register/import.html", tab="register",
        status=REFUSED if refused else 200, refused=refused, entry=entry, made=made,
        names=names_for(actor, [entry.place_id]),
    )  # fmt: skip
