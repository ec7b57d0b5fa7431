"""Import what a broken or lost phone had not sent, from the file it was saved to."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from lianhu.desk.letters import why
from lianhu.desk.page import REFUSED, may, said, show, staff
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.letters.actions.rescue import MOST_FILE, Rescued, import_rescue

OUTCOMES = {
    "stored": "已入库",
    "held": "收下了，等人处理",
    "quarantined": "看不懂，等人处理",
    "retry": "这一条在文件里坏了",
}


@staff
def rescue(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The form for the file, and what became of each letter in it."""
    if not may(actor, "device.manage"):
        raise NotPermitted("account.not_permitted")
    page: dict[str, Any] = {}
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            if file is None:
                raise Refusal("rescue.no_file")
            if (file.size or 0) > MOST_FILE:
                raise Refusal("rescue.unreadable")
            page = _told(import_rescue(actor, file.read(), at=timezone.now()))
        except Refusal as refusal:
            page = {"refused": said(refusal), "status": REFUSED}
    return show(request, actor, "desk/rescue.html", tab="staff", **page)


def _told(found: Rescued) -> dict[str, Any]:
    lines = [
        (OUTCOMES.get(str(a.outcome), ""), why(a.code) if a.code else "", a.ref)
        for a in found.answers
    ]
    return {
        "found": found,
        "lines": lines,
        "stored": found.counts["stored"],
        "waiting": found.counts["held"] + found.counts["quarantined"],
    }
