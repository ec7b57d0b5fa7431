"""What holds for every answer: by which cookies, in clear or not, kept or not, and by which methods."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory

from lianhu.accounts.models import User
from lianhu.kernel.keyring import make_ring
from lianhu.web.guarding import Guard
from tests import cast

# A county with HTTPS, in a process that has just these settings: what its answers carry.
COUNTY = """
import json, sys, django
django.setup()
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.contrib.sessions.middleware import SessionMiddleware
from lianhu.web.guarding import headers_of_every_answer
from lianhu.web.known import remember

def told(answer):
    cookies = {name: [bool(m["secure"]), bool(m["httponly"]), m["path"], m["domain"],
                      m["samesite"]] for name, m in answer.cookies.items()}
    return {"status": answer.status_code, "headers": dict(answer.headers), "cookies": cookies}

proxy = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_FOR": "1.2.3.4"}
known = HttpResponse()
remember(RequestFactory().get("/"), known, "wangshuju")
print(json.dumps({
    "page": told(Client(**proxy).get("/desk/sign-in/")),
    "robots": told(Client(**proxy).get("/robots.txt")),
    "known": told(known),
    "clear": told(Client().get("/desk/sign-in/?next=/desk/")),
    "claimed": told(Client(HTTP_X_FORWARDED_PROTO="http").get("/desk/sign-in/")),
    "api": told(Client().get("/api/phone/me")),
    "early": dict(headers_of_every_answer()),
    "session": [settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE,
                settings.SESSION_COOKIE_HTTPONLY, settings.SESSION_COOKIE_SAMESITE,
                settings.SESSION_COOKIE_PATH, settings.SESSION_COOKIE_DOMAIN],
}))
"""
YEAR = 365 * 24 * 3600


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    folder = tmp_path_factory.mktemp("county")
    make_ring(folder / "keys.json")
    done = subprocess.run(
        [sys.executable, "-c", COUNTY],
        env={
            "PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "lianhu.settings",
            "LIANHU_VAR": str(folder), "LIANHU_SECRET_KEY": "s" * 50, "LIANHU_TLS": "1",
            "LIANHU_PROXIES": "1", "LIANHU_HOSTS": "testserver", "LIANHU_LOG": "ERROR",
        },
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_every_cookie_is_this_hosts_alone_and_no_scripts(county):
    (csrf,) = county["page"]["cookies"].items()
    (known,) = county["known"]["cookies"].items()
    assert csrf == ("__Host-csrftoken", [True, True, "/", "", "Lax"])
    assert known == ("__Host-lianhu_known", [True, True, "/", "", "Strict"])
    assert county["session"] == ["__Host-sessionid", True, True, "Lax", "/", None]


def test_browsers_are_told_to_stay_on_https_with_all_below(county):
    told = [county["page"]["headers"], county["robots"]["headers"], county["early"]]
    for headers in told:
        age, sub = headers["Strict-Transport-Security"].split("; ")
        assert int(age.removeprefix("max-age=")) >= YEAR
        assert sub == "includeSubDomains"


def test_a_page_in_clear_leads_to_https_and_a_program_is_refused(county):
    for way in ("clear", "claimed"):
        assert county[way]["status"] == 301, way
        assert county[way]["headers"]["Location"].startswith("https://testserver/desk/")
    assert county["api"]["status"] == 403
    assert county["api"]["headers"]["Content-Type"] == "application/problem+json"
    assert "Location" not in county["api"]["headers"]


@pytest.mark.parametrize("path", ["/", "/desk/sign-in/", "/healthz", "/api/phone/me", "/phone/"])
@pytest.mark.parametrize("method", ["TRACE", "DELETE", "NONSENSE"])
def test_a_method_that_no_page_knows_is_refused(db, path, method):
    answer = Client().generic(method, path, headers={"X-Mark": "canary"})
    assert answer.status_code in {401, 405}
    assert b"canary" not in answer.content


def test_nothing_is_kept_unless_its_page_says_so():
    request = RequestFactory().get("/desk/")
    assert Guard(lambda _: HttpResponse("x"))(request)["Cache-Control"] == "no-store"
    public = HttpResponse("x", headers={"Cache-Control": "public, max-age=60"})
    assert Guard(lambda _: public)(request)["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize("path", ["/phone/index.html", "/phone/sw.js", "/phone/"])
def test_the_phones_own_files_carry_the_policy(db, path):
    if not (settings.PHONE_DIST / "index.html").is_file():
        pytest.skip("the phone app is not built")
    answer = Client().get(path)
    assert (answer.status_code, len(b"".join(answer)) > 500) == (200, True)
    policy = answer["Content-Security-Policy"]
    for word in ("script-src 'self'", "frame-ancestors 'none'", "object-src 'none'"):
        assert word in policy
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", [
    "/static/", "/static", "/.git/config", "/static/../.git/config", "/phone/../../.git/config",
    "/static/%2e%2e/%2e%2e/pyproject.toml", "/phone/%2e%2e/package.json", "/media/",
])  # fmt: skip
def test_no_folder_is_listed_and_nothing_beside_the_public_files_is_served(db, path):
    assert Client().get(path).status_code == 404


def test_a_folder_of_the_phones_files_opens_the_app_and_lists_none(db):
    if not (settings.PHONE_DIST / "index.html").is_file():
        pytest.skip("the phone app is not built")
    assert Client().get("/phone/assets/").content == Client().get("/phone/").content


def test_debugging_cannot_be_turned_on():
    import lianhu.settings as own  # noqa: PLC0415 - the product's, not the tests'

    assert own.DEBUG is False
    text = Path(own.__file__).read_text()
    assert re.findall(r"^DEBUG.*$", text, re.M) == ["DEBUG = False"]


def test_what_stands_in_the_address_never_fills_a_form(signed_in, secretary_east):
    client = signed_in(secretary_east)
    asked = "old=x&new=a&again=a&confirm=go&confirm_password=x"
    assert client.post(f"/desk/password/?{asked}").status_code == 422
    user = User.objects.get(id=secretary_east.id)
    user.set_password("联户-2026-好用")
    user.save()
    typed = f"username={user.username}&password=联户-2026-好用"
    assert Client().post(f"/desk/sign-in/?{typed}").status_code == 401
    twice = Client().post(
        "/desk/sign-in/",
        f"username=nobody&username={user.username}&password=x&password=y",
        content_type="application/x-www-form-urlencoded",
    )
    assert twice.status_code == 401


@pytest.fixture
def signed_in():
    return lambda actor: cast.enter(Client(), actor.id)
