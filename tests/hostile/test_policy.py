"""Every page says what may run in it, and has nothing within it that would need more."""

import re
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.db import connection

from tests.crawl.crawl import Crawl

pytestmark = pytest.mark.django_db
EVENT = re.compile(r"^on[a-z]+$")
# JSON is always UTF-8; the others are no text.
WITHOUT_CHARSET = {
    "application/json", "application/problem+json", "image/jpeg",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
WRITE = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.I)
# What a look may write: that somebody looked, tried, was here.
NOTED = {"accounts_attempt", "accounts_session"}
# Whose look at recorded facts or at a minor stands in the ledger, for the household to read.
LOOKS = {
    ("audit_entry", f"desk/{path}/")
    for path in (
        "households/{household_id}/grade",
        "grades/appeals/{appeal_id}",
        "persons/{person_id}",
    )
}
ADDRESSES = {"href", "src", "action", "formaction", "poster", "data"}


class _Page(HTMLParser):
    """Collects what a policy without 'unsafe-inline' would not run or show."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        data = (given.get("type") or "").endswith("json")
        if tag == "style" or (tag == "script" and "src" not in given and not data):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            said = (value or "").strip().lower()
            if name == "style" or EVENT.match(name) or name.startswith("hx-on"):
                self.found.append(f"{tag} {name}={said}")
            if name in ADDRESSES and said.startswith(
                ("javascript:", "data:text", "//", "http")
            ):
                self.found.append(f"{tag} {name}={said[:60]}")


def directives(header):
    return {p.split()[0]: p.split()[1:] for p in header.split(";") if p.strip()}


def missing(answer):
    """What an answer does not tell a browser that it must be told."""
    told, faults = answer.headers, []
    if told.get("X-Content-Type-Options") != "nosniff":
        faults.append("may be sniffed")
    if told.get("Referrer-Policy") not in {"same-origin", "strict-origin"}:
        faults.append(f"referrer {told.get('Referrer-Policy')}")
    if any(name.startswith("Access-Control-") for name in told):
        faults.append("opens itself to other origins")
    kept = told.get("Cache-Control", "")
    if "no-store" not in kept and "max-age=60" not in kept and kept != "no-cache":
        faults.append(f"kept: {kept}")
    kind = told.get("Content-Type", "")
    if answer.body and not (kind.endswith("charset=utf-8") or kind in WITHOUT_CHARSET):
        faults.append(f"type {kind}")
    return faults


def test_the_policy_lets_nothing_inline_and_nothing_from_elsewhere():
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == ["'self'"]
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    said = {word for words in policy.values() for word in words}
    assert said == {"'self'", "'none'", "data:", "blob:"}


def test_every_page_has_the_policy_and_nothing_inline(media_folder):
    wanted = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    faults, pages, written, asked = [], 0, set(), [""]

    def watched(execute, sql, params, many, context):
        if found := WRITE.match(sql):
            written.add(found[1] if found[1] in NOTED else (found[1], asked[0]))
        return execute(sql, params, many, context)

    with Crawl(321) as crawl, connection.execute_wrapper(watched):
        written.clear()  # of the county's making
        callers = [c for c in crawl.callers if c.name in
                   {"secretary", "data", "resident", "stranger"}]  # fmt: skip
        for route in crawl.routes:
            for caller in callers:
                for aim in ("own", "absent") if caller.name == "data" else ("own",):
                    call = crawl.maker.make(route, caller, "GET", aim)
                    asked[0] = route.path
                    answer = crawl.send(call)
                    header = answer.headers.get("Content-Security-Policy", "")
                    if directives(header) != wanted:
                        faults.append(f"{route.path} {caller.name}: policy {header}")
                    faults += [f"{route.path} {caller.name}: {f}" for f in missing(answer)]
                    if "html" not in answer.headers.get("Content-Type", ""):
                        continue
                    pages += 1
                    page = _Page(answer.body.decode(errors="replace"))
                    faults += [f"{route.path} {caller.name}: {f}" for f in page.found]
    assert faults[:20] == []
    assert pages > 200
    assert written - NOTED <= LOOKS
    assert written  # it would be seen


def test_the_check_can_fail():
    page = '<p style="color:red" onclick="x()"><a href="javascript:x()"><script>x()</script>'
    assert len(_Page(page).found) == 4
