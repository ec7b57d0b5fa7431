"""Coming in by the county's own identity provider; a second factor of ours is asked all the same."""

from dataclasses import asdict
from secrets import compare_digest

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from lianhu.accounts.actions.attempts import throttle
from lianhu.accounts.actions.identities import user_of_identity
from lianhu.accounts.rules import terms
from lianhu.desk.page import go
from lianhu.desk.sign_in import enter_desk, sign_in_page, wanted_page
from lianhu.kernel.errors import Refusal
from lianhu.kernel.provider import Asked, ask_provider, subject_of
from lianhu.web.actor import address_of
from lianhu.web.words import status_of, words_of

AWAY = "away"
BACK = "/desk/provider/back/"
OWN_CLICK = {"same-origin", "none"}  # old browsers do not say


@require_GET
@never_cache
def leave_for(request: HttpRequest) -> HttpResponseBase:
    """Send the browser to the provider; one that is down leaves the password as a way in.

    Only by a click of ours or an address typed: no other site's page begins a session here.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in OWN_CLICK:
        return go("/desk/sign-in/", next=wanted_page(request))
    try:
        throttle("provider", address_of(request, settings.LIANHU_PROXIES), at=timezone.now())
        address, asked = ask_provider(request.build_absolute_uri(BACK))
    except Refusal as refusal:
        return _refused(request, refusal)
    request.session.cycle_key()
    request.session[AWAY] = asdict(asked) | {
        "next": wanted_page(request), "at": timezone.now().timestamp(),
    }  # fmt: skip
    return HttpResponseRedirect(address)


@require_GET
@never_cache
def back(request: HttpRequest) -> HttpResponseBase:
    """Whoever comes back from the provider: only the browser that left, once, within minutes."""
    at = timezone.now()
    away = request.session.pop(AWAY, None)
    try:
        most = terms(localdate(at))["provider_minutes"] * 60
        if not away or at.timestamp() - away["at"] > most:
            raise Refusal("provider.refused")
        asked = Asked(away["state"], away["nonce"], away["verifier"])
        if not compare_digest(request.GET.get("state", "").encode(), asked.state.encode()):
            raise Refusal("provider.refused")
        code = request.GET.get("code", "")
        if not code:  # the person said no there, or the provider did
            raise Refusal("provider.refused")
        subject = subject_of(code, request.build_absolute_uri(BACK), asked)
        user = user_of_identity(settings.LIANHU_OIDC_ISSUER, subject, at=at)
    except Refusal as refusal:
        return _refused(request, refusal)
    return enter_desk(request, user, "provider", away["next"])


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    page = sign_in_page(request) | {"refused": words_of(refusal)}
    return render(request, "desk/sign_in.html", page, status=status_of(refusal))
