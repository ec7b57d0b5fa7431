"""What happens around every request: one log line, refusals in words, gzip in and out."""

import errno
import json
import logging
import time
import zlib
from collections.abc import Callable
from uuid import uuid4

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect, render
from django.utils.http import urlencode

from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted, Refusal
from lianhu.kernel.scope import one_request
from lianhu.web.words import status_of, words_of

log = logging.getLogger("lianhu.request")
Next = Callable[[HttpRequest], HttpResponseBase]
PROBLEM = "application/problem+json"
MOST_UNPACKED = 2 * 1024 * 1024
MOST_UPLOADED = 33 * 1024 * 1024  # a form with a file; pages say what they take of it
MOST_DRAINED = 16 * 1024 * 1024
DRAUGHT = 64 * 1024
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # room may come back: what was sent may come again


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
    """One structured line per request: route, status, time, refusal; no query, no body, no name."""

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
                "whole": getattr(request, "lianhu_whole", ""),
                "ms": round((time.perf_counter() - start) * 1000, 1),
                **getattr(request, "lianhu_refused", {}),
            },
        )
        return response


def _note(request: HttpRequest, refusal: Refusal) -> None:
    """For the request's line: what was refused, and whom what lies outside their reach. Of what
    goes well the line does not say whose it was: that would be a record of who works when."""
    noted = {"refused": refusal.code}
    actor = getattr(request, "lianhu_actor", None)
    if isinstance(refusal, NotPermitted) and isinstance(actor, Actor):
        noted["who"] = str(actor.id)
    request.lianhu_refused = noted  # type: ignore[attr-defined]


class Scopes:
    """Nobody is known when a request begins, so PostgreSQL shows it no placed row (kernel.scope);
    and whoever was known is forgotten when it ends, for its thread serves the next one."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer within a scope of its own."""
        with one_request() as whole:
            response = self.get_response(request)
        request.lianhu_whole = " ".join(sorted(whole))  # type: ignore[attr-defined]
        return response


class Gzip(GZipMiddleware):
    """Unpack gzipped uploads to the API within a bound; pack answers as Django does."""

    def __init__(self, get_response: Next) -> None:
        super().__init__(get_response)

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """Replace a gzipped body by what it holds; 413 beyond 2 MB, 400 when broken or cut."""
        encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding in {"", "identity"}:
            return None
        if encoding != "gzip" or not request.path.startswith("/api/"):
            return problem("request.bad_encoding", "这里不收这样压缩的内容", 415)
        unpacker = zlib.decompressobj(wbits=31)
        try:
            body = unpacker.decompress(request.body, MOST_UNPACKED)
        except zlib.error:
            return _cut()
        except RequestDataTooBig:
            return too_large(request)
        if unpacker.unconsumed_tail:
            return too_large(request)
        if not unpacker.eof or unpacker.unused_data:
            return _cut()
        request._body = body  # noqa: SLF001 - Django has no public way to replace a body
        request.META["CONTENT_LENGTH"] = str(len(body))
        return None

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Pack the answer; before a refusal, take in what is still on its way."""
        if response.status_code >= 400:
            _drain(request)
        etag = response.get("ETag", "")
        packed = super().process_response(request, response)
        if etag and request.path.startswith("/api/"):
            packed["ETag"] = etag  # as interfaces.md fixes it; packing does not make it weak
        return packed


def _drain(request: HttpRequest) -> None:
    """Read and forget an unread body, within a bound: a client that is still sending while the
    connection closes sees a broken line and never our answer."""
    try:
        for _ in range(MOST_DRAINED // DRAUGHT):
            if not request.read(DRAUGHT):
                return
    except OSError:
        return


def _cut() -> HttpResponse:
    return problem("request.bad_encoding", "压缩的内容打不开", 400)


def too_large(request: HttpRequest) -> HttpResponse:
    """The answer to a body beyond every bound: the phone sends less at a time."""
    code = "media.too_large" if "/media/" in request.path else "letters.too_many"
    refusal = Refusal(code)
    return problem(code, words_of(refusal), status_of(refusal))


class Refusals:
    """Turn a refusal into words: a problem document for the API, a page for people."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on; refusals arrive in `process_exception`. A wrong method is a problem too, and
        so is a NUL in an address, which PostgreSQL would fail on wherever it got to."""
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return self.process_exception(request, Refusal("request.bad")) or HttpResponse()
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > MOST_UPLOADED:
            return self.process_exception(request, Refusal("request.too_large")) or HttpResponse()
        response = self.get_response(request)
        if response.status_code == 405 and request.path.startswith("/api/"):
            wrong = problem("request.wrong_method", "这个地址不这样用", 405)
            wrong["Allow"] = response.get("Allow", "")
            return wrong
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer to a refusal, to a database that does not answer, or to a disk that takes no
        more; bugs crash on."""
        full = isinstance(error, OSError) and error.errno in FULL
        if full or isinstance(error, OperationalError | InterfaceError):
            log.error("disk" if full else "database", extra={"error": type(error).__name__})
            response = problem("server.busy", "服务器正忙，请稍后再试；写下的都还在", 503)
            response["Retry-After"] = "5"
            return response
        if isinstance(error, RequestDataTooBig) and request.path.startswith("/api/"):
            return too_large(request)
        if not isinstance(error, Refusal):
            return None
        _note(request, error)
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
