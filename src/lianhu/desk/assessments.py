"""Assessments of what handling personal data in a new way does to people: kept, read, never changed."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.timezone import localdate

from lianhu.desk.page import REFUSED, go, said, sheet_of, show, staff
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import in_force, read
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.people.actions.assessments import keep_assessment
from lianhu.people.queries.assessments import get_assessment, list_assessments

PAGE = "/desk/assessments/"


@staff
def assessments(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Those of the county, and the form for another."""
    refused, typed = "", request.POST
    if request.method == "POST":
        try:
            row = keep_assessment(
                actor, _county(actor), typed.get("kind", ""), typed.get("title", ""),
                {name: typed.get(name, "") for name in read("assessments.toml")["questions"]},
                proceed=typed.get("proceed") == "yes", subject=_subject(typed.get("subject", "")),
                at=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:
            refused = said(refusal)
        else:
            return go(f"{PAGE}{row.id}/", done="assessed")
    return _page(request, actor, refused)


def _page(request: HttpRequest, actor: Actor, refused: str) -> HttpResponse:
    actor.require("assess.read", "")
    typed: Any = request.POST if request.method == "POST" else request.GET
    content = read("assessments.toml")
    questions = [(n, q, typed.get(n, "")) for n, q in content["questions"].items()]
    return show(
        request, actor, "desk/assessments/page.html", tab="assessments", refused=refused,
        status=REFUSED if refused else 200, sheet=sheet_of(list_assessments(actor), request, 20),
        kinds=content["kinds"], questions=questions, typed=typed,
        may_keep=actor.holds("assess.keep"), rule=in_force(content["versions"], localdate()),
    )  # fmt: skip


def _county(actor: Actor) -> str:
    actor.require("assess.keep", "")
    return actor.scopes["assess.keep"][0][:6]


def _subject(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise NotPermitted("assessment.not_found") from error


@staff
def one(request: HttpRequest, actor: Actor, assessment_id: UUID) -> HttpResponseBase:
    """One, as it was written."""
    row = get_assessment(actor, assessment_id)
    content = read("assessments.toml")
    return show(
        request, actor, "desk/assessments/one.html", tab="assessments", row=row,
        kind=content["kinds"].get(row.kind, {}),
        answers=[(q, getattr(row, n)) for n, q in content["questions"].items()],
        rule=in_force(content["versions"], localdate()),
    )  # fmt: skip
