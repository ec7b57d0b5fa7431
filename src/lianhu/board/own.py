"""A signed-in resident's own matters."""

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from lianhu.board.page import private_page
from lianhu.kernel.errors import NotPermitted
from lianhu.matters.queries.lists import list_reported
from lianhu.web.actor import actor_of

MOST = 100


@private_page
def mine(request: HttpRequest) -> HttpResponse:
    """What the signed-in person reported, newest first, with links to follow each."""
    try:
        actor = actor_of(request)
    except NotPermitted:
        return render(request, "board/mine.html", {"rows": None}, status=401)
    return render(request, "board/mine.html", {"rows": list_reported(actor)[:MOST]})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session on this phone."""
    logout(request)
    return redirect("board")
