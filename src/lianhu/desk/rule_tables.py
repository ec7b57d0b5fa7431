"""The decision table at the desk: as a table, as a file, tried over the county, published."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.desk.page import REFUSED, go, said, show, staff
from lianhu.grading.actions.tables import change_table, draft_table, drop_table, publish_table
from lianhu.grading.queries.tables import get_table, list_tables, table_in_force
from lianhu.grading.queries.whatif import what_if as try_out
from lianhu.grading.rules.table import (
    MOST_BYTES,
    Table,
    all_conditions,
    condition_words,
    make_table,
    read_table,
    table_from,
    write_table,
)
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.people.queries.assessments import is_cleared, latest_of

CONDITIONS, BLANK = 4, 3


def _county(actor: Actor) -> str:
    actor.require("grade.rules", "")
    return actor.scopes["grade.rules"][0][:6]


@staff
def tables(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The table in force, drafts and former versions."""
    now = table_in_force(_county(actor), localdate())
    return show(
        request, actor, "desk/rules/list.html", tab="rules", now=now,
        rows=[(row, table_from(row.content)) for row in list_tables(actor)],
    )  # fmt: skip


@require_POST
@staff
def new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """A draft from the table in force, or from a file."""
    county, now = _county(actor), timezone.now()
    file = request.FILES.get("file")
    if file is None:
        ours = table_in_force(county, localdate(now))
        table = Table(ours.title, "", localdate(now), ours.source, ours.rules)
    else:
        table = read_table(file.read(MOST_BYTES + 1))
    row = draft_table(actor, county, table, at=now)
    return go(f"/desk/rules/{row.id}/", done="rules_saved")


@staff
def one(request: HttpRequest, actor: Actor, table_id: UUID) -> HttpResponseBase:
    """One version as a table; a draft may be changed."""
    row = get_table(actor, table_id)
    if request.method != "POST":
        return _page(request, actor, table_id)
    try:
        change_table(actor, row.id, _typed(request.POST), at=timezone.now())
    except Refusal as refusal:
        return _page(request, actor, table_id, refused=said(refusal))
    return go(f"/desk/rules/{table_id}/", done="rules_saved")


def _page(
    request: HttpRequest, actor: Actor, table_id: UUID, *, refused: str = ""
) -> HttpResponse:
    row = get_table(actor, table_id)
    table = table_from(row.content)
    lines: list[dict[str, Any]] = (
        _typed_lines(request.POST)
        if refused and "rows" in request.POST
        else [
            {"code": r.code, "colour": r.colour.value, "reason": r.reason,
             "when": [condition_words(n, w) for n, w in r.when]}
            for r in table.rules
        ]
    )  # fmt: skip
    for line in lines:
        line["when"] += [""] * (CONDITIONS - len(line["when"]))
    blank = {"code": "", "colour": "", "reason": "", "when": [""] * CONDITIONS}
    head = request.POST if refused and "rows" in request.POST else None
    return show(
        request, actor, "desk/rules/one.html", tab="rules", row=row, table=table,
        lines=lines if row.published_at else [*lines, *[blank] * BLANK], head=head,
        conditions=sorted(all_conditions()), may_publish=actor.holds("grade.publish"),
        cleared=is_cleared(row.place_id, "rule_table", row.id, since=row.made_at),
        assessed=latest_of(row.place_id, "rule_table", row.id), may_assess=actor.holds("assess.keep"),
        refused=refused, status=REFUSED if refused else 200,
    )  # fmt: skip


def _typed_lines(typed: QueryDict) -> list[dict[str, Any]]:
    """The rows of the form that anything was written in."""
    number = str(typed.get("rows", ""))
    rows = min(int(number), 300) if number.isdecimal() and len(number) < 4 else 0
    lines = []
    for n in range(rows):
        when = [w.strip() for w in typed.getlist(f"when{n}") if w.strip()]
        line = {key: typed.get(f"{key}{n}", "").strip() for key in ("code", "colour", "reason")}
        if line["code"] or line["reason"] or when:
            lines.append({**line, "when": when})
    return lines


def _typed(typed: QueryDict) -> Table:
    """The table that the form says; refuses what `make_table` refuses."""
    known = all_conditions()
    rules = []
    for line in _typed_lines(typed):
        when: dict[str, Any] = {}
        for words in line["when"]:
            name, wanted = known.get(words, (words, True))
            when[name] = list(wanted) if isinstance(wanted, tuple) else wanted
        rules.append({**line, "when": when})
    try:
        since = date.fromisoformat(typed.get("from", ""))
    except ValueError as error:
        raise Refusal("grading.bad_day") from error
    head = {key: typed.get(key, "") for key in ("title", "label", "source")}
    return make_table({**head, "from": since, "rules": rules})


@require_POST
@staff
def do(request: HttpRequest, actor: Actor, table_id: UUID, what: str) -> HttpResponseBase:
    """Publish a draft, put it away, or replace it by a file."""
    now = timezone.now()
    try:
        if what == "publish":
            publish_table(actor, table_id, at=now)
        elif what == "drop":
            drop_table(actor, table_id, at=now)
            return go("/desk/rules/", done="rules_dropped")
        elif what == "upload":
            file = request.FILES.get("file")
            content = file.read(MOST_BYTES + 1) if file else b""
            change_table(actor, table_id, read_table(content), at=now)
            return go(f"/desk/rules/{table_id}/", done="rules_saved")
        else:
            raise NotPermitted("grading.no_table")
    except Refusal as refusal:
        return _page(request, actor, table_id, refused=said(refusal))
    return go(f"/desk/rules/{table_id}/", done="rules_published")


def _file(table: Table) -> HttpResponse:
    answer = HttpResponse(write_table(table), content_type="application/toml; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="rules-{table.since}.toml"'
    return answer


@staff
def file(request: HttpRequest, actor: Actor, table_id: UUID) -> HttpResponseBase:
    """One version as a file (TOML), to be edited and brought back."""
    return _file(table_from(get_table(actor, table_id).content))


@staff
def in_force_file(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The table in force as a file (TOML)."""
    return _file(table_in_force(_county(actor), localdate()))


@staff
def what_if(request: HttpRequest, actor: Actor, table_id: UUID) -> HttpResponseBase:
    """What a version would change in each village, and by which rules, before it is published."""
    row = get_table(actor, table_id)
    table = table_from(row.content)
    found = try_out(actor, table, under=row.place_id, on=localdate())
    return show(request, actor, "desk/rules/what_if.html", tab="rules", row=row, found=found)
