"""The lists of the desk as files: what the address filters, masked as on the page.

Those of residents are built by `build_…` and go out by `desk.taking`.
"""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.desk.devices import wanted_phones
from lianhu.desk.excel import MOST, Heads, moment, send, widest_place
from lianhu.desk.inbox import filter_of
from lianhu.desk.ledger import wanted_entries
from lianhu.desk.page import staff
from lianhu.desk.places import wanted_households
from lianhu.desk.proving import fresh
from lianhu.desk.taking import Built, listed, take
from lianhu.desk.visits_made import duty_words, wanted_visits
from lianhu.desk.where import Names, names_for
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.masking import mask_name
from lianhu.kernel.workdays import state_calendar
from lianhu.matters.kinds import get_kind
from lianhu.matters.queries.lists import list_matters
from lianhu.matters.rules import ENDED, STAGE_WORDS, Stage, clock_words
from lianhu.people.queries import shown_name

MATTERS: Heads = (
    ("什么事", 48), ("类别", 16), ("哪里", 22), ("谁报的", 10), ("报的时间", 17),
    ("在谁手上", 24), ("办到哪一步", 16), ("应答复日期", 12), ("时限", 16), ("答复时间", 17),
    ("办结时间", 17), ("评分", 6),
)  # fmt: skip
HOUSEHOLDS: Heads = (("户号", 12), ("户主", 10), ("哪里", 24), ("住址", 32), ("人数", 8))
PHONES: Heads = (("谁的", 12), ("手机", 24), ("登记", 12), ("停用", 12))
VISITS: Heads = (("哪天", 12), ("户号", 12), ("户主", 10), ("哪里", 24), ("四到户", 32),
                 ("记了一件事", 10))  # fmt: skip
LEDGER: Heads = (("何时", 17), ("谁", 12), ("做了什么", 24), ("哪里", 28))


@require_POST
@staff
@fresh
def matters(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The inbox as filtered."""
    return take(request, actor, "matters", build_matters(request, actor))


def build_matters(request: HttpRequest, actor: Actor) -> Built:
    """The inbox as filtered. Confidential matters stay on the page: a file goes from hand to
    hand. Refuses ``account.not_permitted``."""
    wanted = filter_of(request, actor)
    place = wanted.under or widest_place(actor)
    actor.require("export", place)
    found = list_matters(actor, wanted, today=localdate())
    rows = [m for m in found[:MOST] if m.row_class == "ordinary"]
    names = names_for(actor, (m.place_id for m in rows), (m.office for m in rows))
    cells = [_matter(m, names) for m in rows]
    return listed(place, MATTERS, cells)


def _matter(matter: Any, names: Names) -> list[str]:
    """One matter as texts; whoever reported it is masked."""
    ended = Stage(matter.stage) in ENDED
    held = names.office(matter.office) + (f" {matter.handler.name}" if matter.handler else "")
    return [
        matter.words, get_kind(matter.category).name, names.where(matter.place_id),
        mask_name(matter.reporter_name), moment(matter.captured_at), held,
        STAGE_WORDS[Stage(matter.stage)], matter.due_on.isoformat(),
        clock_words(localdate(), matter.due_on, ended=ended, calendar=state_calendar()),
        moment(matter.answered_at), moment(matter.closed_at), str(matter.score or ""),
    ]  # fmt: skip


@require_POST
@staff
@fresh
def households(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Households as filtered or searched for."""
    return take(request, actor, "households", build_households(request, actor))


def build_households(request: HttpRequest, actor: Actor) -> Built:
    """Households of a place, or as searched for; heads masked as on the page."""
    found, under, _ = wanted_households(request, actor)
    actor.require("export", under)
    rows = list(found[:MOST])
    names = names_for(actor, (h.place_id for h in rows))
    cells = [
        [h.code, shown_name(actor, h.head_name, h.place_id), names.where(h.place_id), h.address,
         str(h.size)]
        for h in rows
    ]  # fmt: skip
    return listed(under, HOUSEHOLDS, cells)


@require_POST
@staff
@fresh
def ledger(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The ledger as filtered, in the order of the page."""
    wanted = wanted_entries(request, actor)
    actor.require("export", wanted.under)
    rows = list(wanted.rows[:MOST])
    names = names_for(actor, (row.place_id for row in rows))
    words = read("ledger.toml")["words"]
    cells = [
        [moment(row.at), row.actor_name, str(words.get(row.verb, row.verb)),
         names.where(row.place_id)]
        for row in rows
        if row.row_class == "ordinary"
    ]  # fmt: skip
    return send(actor, "ledger", wanted.under, LEDGER, cells)


@require_POST
@staff
@fresh
def phones(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Enrolled phones as filtered; when one was last heard is in no file."""
    found, under, asked = wanted_phones(request, actor)
    actor.require("export", under)
    cells = [
        [row.user.name, row.name, localdate(row.enrolled_at),
         localdate(row.revoked_at) if row.revoked_at else ""]
        for row in found[:MOST]
    ]  # fmt: skip
    return send(actor, "devices", under, PHONES, cells, state=asked.value("state"))


@require_POST
@staff
@fresh
def visits(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Visits as filtered."""
    return take(request, actor, "visits", build_visits(request, actor))


def build_visits(request: HttpRequest, actor: Actor) -> Built:
    """Visits as filtered; heads are masked for everybody. What was said and who went are in no
    file: a list of somebody's visits is a trail (norms.md)."""
    found, under, _ = wanted_visits(request, actor)
    actor.require("export", under)
    rows = list(found[:MOST])
    names = names_for(actor, (row.place_id for row in rows))
    cells = [
        [row.on, row.household.code, mask_name(row.household.head_name),
         names.where(row.place_id), duty_words(row.duties), "是" if row.matter_id else ""]
        for row in rows
    ]  # fmt: skip
    return listed(under, VISITS, cells)
