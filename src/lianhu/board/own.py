"""My household, for whoever came in by a code: what is held, why its colour, who looked."""

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from lianhu.board.entering import household_page, sign_in_page
from lianhu.board.page import private_page
from lianhu.grading.queries.colours import own_grade
from lianhu.kernel.errors import NotPermitted
from lianhu.matters.queries.lists import list_reported
from lianhu.rights.queries.held import held, own_matters, own_visits
from lianhu.rights.queries.looked import who_looked
from lianhu.rights.queries.own import Resident
from lianhu.rights.queries.requests import own_requests
from lianhu.rights.rules import terms
from lianhu.web.actor import actor_of
from lianhu.web.resident import resident_of

MOST, FEW = 100, 5


@private_page
def mine(request: HttpRequest) -> HttpResponse:
    """My household; the box for a number to whoever is not signed in. A signed-in account sees
    what it reported besides."""
    try:
        reported = list_reported(actor_of(request))[:MOST]
    except NotPermitted:
        reported = None
    try:
        resident = resident_of(request, at=timezone.now())
    except NotPermitted:
        if reported is None:
            return sign_in_page(request)
        return sign_in_page(request, rows=reported, shown=True)
    return render(request, "board/mine/home.html", _home(resident) | {"rows": reported})


def _home(resident: Resident) -> dict[str, object]:
    home, today = resident.household, localdate()
    return {
        "resident": resident,
        "place": resident.where,
        "own": own_grade(home.id, on=today),
        "matters": own_matters(home.id, most=MOST, running=True),
        "visits": own_visits(home.id, most=FEW),
        "requests": own_requests(home.id, today=today),
        "rule": terms(today),
    }


@household_page
def all_held(request: HttpRequest, resident: Resident) -> HttpResponse:
    """All that is held of my household, each field with its purpose."""
    page = {"resident": resident, "held": held(resident, today=localdate(), most=MOST)}
    return render(request, "board/mine/held.html", page)


@household_page
def looked(request: HttpRequest, resident: Resident) -> HttpResponse:
    """Who looked at what of my household, in which post, why and when."""
    page = {"resident": resident, "looks": who_looked(resident.household)}
    return render(request, "board/mine/looked.html", page)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session on this phone."""
    logout(request)
    return redirect("board")
