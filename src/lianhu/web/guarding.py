"""What no page decides by itself: nothing in clear where the county has HTTPS, no method that only
echoes, and no answer kept by a cache unless its page said so."""

from collections.abc import Callable
from functools import cache

from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed

from lianhu.kernel.errors import Refusal
from lianhu.web.middleware import problem
from lianhu.web.words import words_of

METHODS = ("GET", "HEAD", "POST", "OPTIONS")  # of pages; the API tells its own


class Guard:
    """Refuses what is for no page, and says of the rest that it is not to be kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, with ``Cache-Control: no-store`` unless it says how long it may be kept."""
        response = self._refused(request) or self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _refused(self, request: HttpRequest) -> HttpResponseBase | None:
        if not request.path.startswith("/api/"):
            return None if request.method in METHODS else HttpResponseNotAllowed(METHODS)
        if settings.LIANHU_TLS and not request.is_secure():
            refusal = Refusal("request.not_secure")
            return problem(refusal.code, words_of(refusal), 403)
        return None


@cache
def headers_of_every_answer() -> tuple[tuple[str, str], ...]:
    """What Django's middleware puts on every answer, for those few that are made before it."""
    always = [
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", settings.SECURE_REFERRER_POLICY),
        ("Content-Security-Policy", build_policy()),
    ]
    if settings.LIANHU_TLS:
        told = f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains"
        always.append(("Strict-Transport-Security", told))
    return tuple(always)
