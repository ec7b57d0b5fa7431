"""The phone app's one page."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse


def shell(request: HttpRequest, rest: str = "") -> HttpResponse:
    """The app's page as it was built; the app itself reads the path."""
    page = settings.PHONE_DIST / "index.html"
    if not page.is_file():
        raise Http404
    response = HttpResponse(page.read_bytes(), content_type="text/html; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response
