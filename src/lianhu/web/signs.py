"""Signs that turn the direction of writing, shown instead of obeyed.

A name may hold a sign that makes all that follows run from right to left, also what the page says after it: "1" of "21
户" changes places. What was typed stays as it was typed; a page shows a picture in the sign's place. A form's own
fields keep the sign, so that saving a page changes nothing that nobody touched.
"""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

SHOWN = "⇄"
# Embeddings, overrides and isolates with their ends (Unicode Annex 9, 2.1 to 2.5), as UTF-8. Marks and letters of
# scripts that run from the right turn nothing but themselves.
_TURNING = re.compile(rb"\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]")
# Our templates escape what people wrote, so a tag ends at its first ">".
_KEPT = re.compile(rb"(<textarea\b.*?</textarea>|<[^>]*>)", re.DOTALL)


def shown(page: bytes) -> bytes:
    """A page of UTF-8 whose texts turn nothing; tags, their attributes and text areas as they were."""
    if not _TURNING.search(page):
        return page
    parts = _KEPT.split(page)
    parts[::2] = [_TURNING.sub(SHOWN.encode(), part) for part in parts[::2]]
    return b"".join(parts)


class Signs:
    """Show turning signs in every page. Files and the API answer with what was written."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, then look through the page."""
        response = self.get_response(request)
        if not response.streaming and response.get("Content-Type", "").startswith("text/html"):
            response.content = shown(response.content)  # type: ignore[attr-defined]
        return response
