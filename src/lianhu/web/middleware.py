"""What happens around every request: one log line, refusals in words, gzip in and out."""

import json
import logging
import time
import zlib
from collections.abc import Callable
from uuid import uuid4

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect, render
from django.utils.http import urlencode

from lianhu.kernel.errors import Refusal
from lianhu.web.words import status_of, words_of

log = logging.getLogger("lianhu.request")
Next = Callable[[HttpRequest], HttpResponseBase]
PROBLEM = "application/problem+json"
MOST_UNPACKED = 2 * 1024 * 1024


def problem(code: str, title: str, status: int, **details: object) -> HttpResponse:
    """A problem document (RFC 9457) with our stable code."""
    body = {"type": f"urn:lianhu:{code}", "title": title, "status": status, "code": code}
    return JsonResponse(
        body | details,
        status=status,
        content_type=PROBLEM,
        json_dumps_params={"ensure_ascii": False},
    )


def _problem_of(refusal: Refusal) -> HttpResponse:
    details = {k: v for k, v in refusal.details.items() if isinstance(v, str | int | bool)}
    response = problem(refusal.code, words_of(refusal), status_of(refusal), **details)
    if refusal.code == "throttled":
        response["Retry-After"] = str(int(str(refusal.details.get("minutes", 1))) * 60)
    return response


class RequestLog:
    """One structured line per request: route, status, time; no query, no body, no name."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, then log by the route's pattern, so that no code of a matter is written."""
        start = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        log.info(
            "request",
            extra={
                "id": uuid4().hex[:12],
                "method": request.method,
                "route": match.route if match else "-",
                "status": response.status_code,
                "ms": round((time.perf_counter() - start) * 1000, 1),
            },
        )
        return response


class Gzip(GZipMiddleware):
    """Unpack gzipped uploads to the API within a bound; pack answers as Django does."""

    def __init__(self, get_response: Next) -> None:
        super().__init__(get_response)

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """Replace a gzipped body by what it holds; 413 beyond 2 MB, 400 when broken."""
        if request.headers.get("Content-Encoding", "").lower() != "gzip":
            return None
        if not request.path.startswith("/api/"):
            return problem("request.bad_encoding", "这里不收压缩的内容", 415)
        unpacker = zlib.decompressobj(wbits=31)
        try:
            body = unpacker.decompress(request.body, MOST_UNPACKED)
        except zlib.error:
            return problem("request.bad_encoding", "压缩的内容打不开", 400)
        if unpacker.unconsumed_tail:
            return problem("letters.too_many", "一次送得太多，请分几次送", 413)
        request._body = body  # noqa: SLF001 - Django has no public way to replace a body
        request.META["CONTENT_LENGTH"] = str(len(body))
        return None


class Refusals:
    """Turn a refusal into words: a problem document for the API, a page for people."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on; refusals arrive in `process_exception`."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer to a refusal, or to a database that does not answer; bugs crash on."""
        if isinstance(error, OperationalError | InterfaceError):
            log.error("database", extra={"error": type(error).__name__})
            response = problem("server.busy", "服务器正忙，请稍后再试；写下的都还在", 503)
            response["Retry-After"] = "5"
            return response
        if not isinstance(error, Refusal):
            return None
        if request.path.startswith("/api/"):
            return _problem_of(error)
        if error.code == "account.signed_out":
            return redirect("/desk/sign-in/?" + urlencode({"next": request.get_full_path()}))
        status = status_of(error)
        words = words_of(error)
        if request.headers.get("HX-Request"):
            response = HttpResponse(status=204)
            response["HX-Trigger"] = json.dumps({"lianhu:refused": words})
            return response
        page = {"words": words, "code": error.code, "status": status}
        return render(request, "web/refused.html", page, status=status)
