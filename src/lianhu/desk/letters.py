"""Letters from phones that wait for a person: read, judge again, enter as a matter, or decline."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.timezone import localdate

from lianhu.accounts.queries.actors import actor_for
from lianhu.desk.lists import Select, asked_of, order_by
from lianhu.desk.page import REFUSED, chosen_place, go, may, said, sheet_of, show, staff
from lianhu.desk.where import names_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.letters.actions.settling import decline, judge_again, take_over
from lianhu.letters.meanings import meanings
from lianhu.letters.queries.unheard import list_unheard
from lianhu.letters.queries.waiting import get_waiting, list_waiting
from lianhu.letters.rules import parse
from lianhu.matters.kinds import all_kinds
from lianhu.territory.queries import list_places
from lianhu.territory.rules import level_of
from lianhu.web.templatetags.words import when
from lianhu.web.words import words_of

KINDS = {
    "matter.report/1": "上报一件事",
    "matter.add/1": "补充一件事",
    "matter.rate/1": "评价答复",
    "visit.record/1": "走访记录",
    "person.propose/1": "住户的变化",
}
FIELDS = {
    "category": "类别", "words": "说了什么", "visibility": "谁能看到", "spot": "具体位置",
    "about": "反映谁", "on": "哪天", "duties": "四到户", "need": "需要", "score": "评分",
    "what": "什么变了", "residence": "在家或外出", "away_to": "去了哪里", "phone": "电话",
    "relation": "关系", "name": "姓名", "sex": "性别", "born_on": "出生日期",
    "ref": "查询码", "household_id": "户", "matter_id": "事项", "point": "点选的地方",
}  # fmt: skip
VISIBILITIES = {
    "ordinary": "照规矩",
    "sensitive": "只有经办人可见",
    "about_official": "直接送县里",
}


OUTCOMES = {"": "全部", "held": "等人看过再定", "quarantined": "看不懂的"}
ORDERS = {"": "早来的在前", "-received": "新来的在前"}


@staff
def letters(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The queue, oldest first."""
    if not may(actor, "letter.settle"):
        raise NotPermitted("account.not_permitted")
    asked = asked_of(request, Select("outcome", "哪一种", OUTCOMES), order_by(ORDERS))
    under = chosen_place(request, actor, "letter.settle") if dict(asked.kept) else ""
    found = list_waiting(
        actor, under=under, outcome=asked.value("outcome"), order=asked.value("order")
    )
    sheet = sheet_of(found, request)
    names = names_for(actor, [under, *(row.place_id for row in sheet.rows)])
    rows = [(row, KINDS.get(row.kind, "看不懂的记录"), why(row.code)) for row in sheet.rows]
    return show(
        request, actor, "desk/letters.html", tab="letters", sheet=sheet, rows=rows, names=names,
        under=under, asked=asked,
        may_ask=may(actor, "device.ask"), unheard=len(list_unheard(actor, at=timezone.now())),
    )  # fmt: skip


def why(code: str) -> str:
    """Why a letter waits, in words."""
    if not code:
        return "还没有判断。"
    found = meanings().get(code)
    return (found and found.why) or words_of(Refusal(code))


def fields_of(text: str) -> tuple[list[tuple[str, str]], str, dict[str, Any]]:
    """What a letter says as labelled words; its raw text; and its parsed body, if it has one."""
    try:
        content = parse(text)
    except Refusal:
        return [], text, {}
    body = content.get("body")
    body = body if isinstance(body, dict) else {}
    said_there: list[tuple[str, str]] = [("写于", _moment(str(content.get("captured_at", ""))))]
    said_there += [
        (str(FIELDS.get(key, key)), _value(key, value)) for key, value in body.items()
    ]
    pretty = json.dumps(content, ensure_ascii=False, indent=2)
    return said_there, pretty, body | {"place": content.get("place", "")}


def _moment(text: str) -> str:
    """The device's own time as people say it; a text that is no time stays as it is."""
    try:
        return str(when(datetime.fromisoformat(text)))
    except ValueError:
        return text


def _leaf(category: str) -> str:
    """A kind to preselect: a top category stands for its "other"."""
    return f"{category}.other" if f"{category}.other" in all_kinds() else category


def _value(key: str, value: Any) -> str:
    if key == "category" and value in all_kinds():
        return all_kinds()[value].name
    if key == "visibility":
        return VISIBILITIES.get(str(value), str(value))
    if isinstance(value, dict):
        return "；".join(f"{FIELDS.get(k, k)}：{_value(k, v)}" for k, v in value.items())
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


@staff
def letter(request: HttpRequest, actor: Actor, letter_id: UUID) -> HttpResponseBase:
    """One waiting letter with what may be done about it."""
    return _page(request, actor, letter_id)


def _page(
    request: HttpRequest, actor: Actor, letter_id: UUID, refused: str = ""
) -> HttpResponse:
    row = get_waiting(actor, letter_id)
    fields, pretty, body = fields_of(row.text)
    asked = body.get("need")
    need: dict[str, Any] = asked if isinstance(asked, dict) else {}
    typed = {
        "category": _leaf(str(body.get("category") or need.get("category", ""))),
        "words": str(body.get("words") or need.get("words", "")),
        "place": str(body.get("place", "")),
    } | {
        key: request.POST[key] for key in ("category", "words", "place") if key in request.POST
    }
    top = min(actor.scopes.get("matter.report", ()), key=len, default="")
    level = {"county": "village", "town": "group"}.get(level_of(top), "grid")
    places = list(list_places(level, top)) if top else []
    names = names_for(actor, [row.place_id, typed["place"], *(p.code for p in places)])
    meaning = meanings().get(row.code)
    return show(
        request, actor, "desk/letter.html", tab="letters", status=REFUSED if refused else 200,
        letter=row, kind=KINDS.get(row.kind, "看不懂的记录"), why=why(row.code), fields=fields,
        pretty=pretty, typed=typed, refused=refused, names=names, places=places, may_enter=bool(top),
        kinds=[k for k in all_kinds().values() if "." in k.code],
        advice=meaning.desk if meaning else "",
    )  # fmt: skip


@staff
def settle(request: HttpRequest, actor: Actor, letter_id: UUID, how: str) -> HttpResponseBase:
    """Judge again with the sender's rights of today, enter it as a matter, or decline."""
    if how not in {"again", "enter", "decline"}:
        raise Http404
    if request.method != "POST":
        return go(f"/desk/letters/{letter_id}/")
    now = timezone.now()
    try:
        if how == "again":
            sender = actor_for(get_waiting(actor, letter_id).user, on=localdate())
            judge_again(actor, letter_id, sender, at=now)
        elif how == "enter":
            take_over(
                actor, letter_id, request.POST.get("place", ""),
                request.POST.get("category", ""), request.POST.get("words", ""), at=now,
            )  # fmt: skip
        else:
            decline(actor, letter_id, request.POST.get("reason", ""), at=now)
    except Refusal as refusal:
        # Refused again by the letter's own action: said on its page, whatever kind it is.
        get_waiting(actor, letter_id)
        words = words_of(refusal) if how != "decline" else said(refusal)
        return _page(request, actor, letter_id, words)
    return go("/desk/letters/", done="letter")
