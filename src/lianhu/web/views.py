"""Pages that belong to no door: health, not found, crashed."""

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from lianhu.web.middleware import problem


def healthz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except Error:
        return JsonResponse({"ok": False}, status=503)
    return JsonResponse({"ok": True})


def robots(request: HttpRequest) -> HttpResponse:
    """Search engines stay out of codes and the desk."""
    words = "User-agent: *\nDisallow: /follow/\nDisallow: /desk/\n"
    return HttpResponse(words, content_type="text/plain; charset=utf-8")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """No such page: a problem document for the API, a page for people."""
    if request.path.startswith("/api/"):
        return problem("request.no_such_path", "没有这个地址", 404)
    page = {"words": "没有这个页面，地址可能写错了。", "code": "request.no_such_path"}
    return render(request, "web/refused.html", page, status=404)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: the page lay open too long, or cookies are forbidden."""
    words = "这一页放得太久，或者浏览器不让存 Cookie。请返回、刷新页面，再送一次。"
    page = {"words": words, "code": "request.forged"}
    return render(request, "web/refused.html", page, status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A request that no browser or phone sends: another host's name, or far too much at once."""
    if request.path.startswith("/api/"):
        return problem("request.bad", "请求不对", 400)
    return HttpResponse(
        "<!doctype html><meta charset=utf-8><title>请求不对</title><p>请求不对，请返回上一页再试。</p>",
        status=400,
    )


def crashed(request: HttpRequest) -> HttpResponse:
    """Our own fault: says so, and that what was typed can be sent again."""
    if request.path.startswith("/api/"):
        return problem("server.crashed", "系统出错，已经记下；请稍后再送一次", 500)
    return HttpResponse(
        "<!doctype html><meta charset=utf-8><title>系统出错</title>"
        "<p>系统出错，已经记下。请返回上一页，稍后再试一次；填写的内容还在。</p>",
        status=500,
    )
