"""Tell by text message that there is an answer; what it says is read inside, never in a message."""

from datetime import datetime, timedelta

from django.utils.timezone import localdate

from lianhu.kernel.sms import has_gateway, send_later
from lianhu.rights.models import Request
from lianhu.rights.queries.requests import WAITING, shown_request
from lianhu.rights.rules import Kind, plain_mobile

LATELY = timedelta(days=7)
MESSAGE = "【联户】您提的{kind}有答复了。在村务公开页“我家”里看，或者带身份证到村委会。"


def tell_answers(*, at: datetime) -> int:
    """Tell who asked that it was answered, decided corrections and appeals included, once each;
    how many. Who has no number, and what was answered longer ago, is passed over.
    """
    if not has_gateway():
        return 0
    rows = Request.objects.filter(told_at=None).exclude(WAITING).exclude(kind=Kind.COPY)
    told = 0
    for row in rows.select_related("asker__key", "proposal", "appeal").order_by(
        "made_at", "id"
    ):
        shown = shown_request(row, today=localdate(at))
        number = plain_mobile(row.asker.phone) if row.asker else ""
        if shown.answered_at and shown.answered_at >= at - LATELY and number:
            send_later(number, MESSAGE.format(kind=shown.kind["name"]))
            told += 1
        Request.objects.filter(id=row.id).update(told_at=at)
    return told
