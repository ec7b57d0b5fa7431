"""Phones of a person: a QR code to enrol one, and ending one that was lost."""

from uuid import UUID

import segno
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST

from lianhu.accounts.actions import make_enrol_token, revoke_device
from lianhu.desk.page import go, staff
from lianhu.desk.staff import person_page
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read


@require_POST
@staff
def enrol(request: HttpRequest, actor: Actor, user_id: UUID) -> HttpResponseBase:
    """A QR code for one phone, shown once: the address of the app with the token behind its #,
    which no server log ever sees."""
    token = make_enrol_token(actor, user_id, at=timezone.now())
    address = f"{request.build_absolute_uri('/phone/')}#enrol={token}"
    picture = segno.make(address, error="m").svg_inline(scale=6, border=3, dark="#1c2321")
    minutes = read("throttles.toml")["enrol_token"]["minutes"]
    # segno writes only numbers of its own into the picture.
    qr = mark_safe(picture)  # noqa: S308
    return person_page(request, actor, user_id, qr=qr, minutes=minutes, address=address)


@require_POST
@staff
def revoke(request: HttpRequest, actor: Actor, device_id: UUID) -> HttpResponseBase:
    """End a phone; it holds nothing of ours after its next contact."""
    device = revoke_device(actor, device_id, at=timezone.now())
    return go(f"/desk/staff/{device.user_id}/", done="revoke")
