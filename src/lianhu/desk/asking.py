"""请找她: phones with something written that has not arrived; for help, never as blame."""

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_POST

from lianhu.desk.page import go, may, show, staff
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.letters.actions.asking import note_asked
from lianhu.letters.queries.unheard import list_unheard


@staff
def asking(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Whom to ask after: name, since when, what is missing, how to help."""
    if not may(actor, "device.ask"):
        raise NotPermitted("account.not_permitted")
    rows = list_unheard(actor, at=timezone.now())
    return show(request, actor, "desk/asking.html", tab="letters", rows=rows)


@require_POST
@staff
def asked(request: HttpRequest, actor: Actor, device_id: UUID) -> HttpResponseBase:
    """She was asked after; what was missing until now is mentioned no more."""
    note_asked(actor, device_id, at=timezone.now())
    return go("/desk/asking/", done="asked")
