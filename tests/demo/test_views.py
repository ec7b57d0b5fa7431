"""The demo's pages: a button for each account, and nothing at all on a real system."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lianhu.accounts.actions import enrol_device
from lianhu.accounts.models import User
from lianhu.accounts.queries import find_user
from lianhu.demo.build import build_county
from lianhu.demo.county import ACCOUNTS

pytestmark = pytest.mark.urls("tests.demo.urls")


@pytest.fixture
def demo(settings: Any) -> Client:
    settings.LIANHU_DEMO = True
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def county(db: None) -> None:
    build_county(scale=0.01, days=60, silent=True)


def _post(client: Client, path: str, **form: str) -> Any:
    page = client.get("/demo/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    return client.post(path, form | {"csrfmiddlewaretoken": token[1]})


def test_entrance_has_one_button_for_each_account(demo: Client, county: None) -> None:
    page = demo.get("/demo/").content.decode()
    for account in ACCOUNTS:
        assert page.count(f'name="account" value="{account}"') == 1
    assert "演示数据" in page
    assert 'name="phone" value="warden"' in page
    assert 'name="phone" value="leader"' not in page


def test_entrance_says_when_the_county_is_not_built(demo: Client, db: None) -> None:
    page = demo.get("/demo/").content.decode()
    assert "lianhu demo" in page
    assert 'name="account"' not in page


@pytest.mark.parametrize(
    ("account", "path"),
    [
        ("secretary", "/desk/"),
        ("town", "/desk/"),
        ("warden", "/v/610921104200/"),
        ("resident", "/v/610921104200/"),
        ("warden-2", "/v/610921107200/"),
    ],
)
def test_sign_in_leads_to_the_desk_or_the_board(
    demo: Client, county: None, account: str, path: str
) -> None:
    answer = _post(demo, "/demo/sign-in", account=account)
    assert (answer.status_code, answer.headers["Location"]) == (302, path)
    user = find_user(account)
    assert user is not None
    assert demo.session["_auth_user_id"] == str(user.id)


def test_sign_in_refuses_an_account_that_the_demo_did_not_make(demo: Client, db: None) -> None:
    build_county(scale=0.01, days=60, silent=True)
    User.objects.filter(username="secretary").update(username="gone")
    User.objects.create(username="secretary", name="真人")
    assert _post(demo, "/demo/sign-in", account="secretary").status_code == 404
    assert _post(demo, "/demo/sign-in", account="line-0001").status_code == 404
    assert "_auth_user_id" not in demo.session


def test_enrol_gives_a_token_that_enrols_a_phone_once(demo: Client, county: None) -> None:
    answer = demo.post(
        "/demo/enrol", json.dumps({"account": "warden"}), content_type="application/json"
    )
    device, _ = enrol_device(answer.json()["token"], "手机", "", at=timezone.now())
    assert device.user.username == "warden"


@pytest.mark.parametrize("body", ["", "[]", '{"account": 7}', "{}", "nonsense"])
def test_enrol_answers_bad_bodies_with_a_problem(demo: Client, db: None, body: str) -> None:
    answer = demo.post("/demo/enrol", body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["code"] == "request.invalid"


def test_enrol_answers_an_unknown_account_with_a_problem(demo: Client, db: None) -> None:
    answer = demo.post("/demo/enrol", '{"account": "nobody"}', content_type="application/json")
    assert answer.status_code == 404
    assert answer.json()["code"] == "account.not_found"


def test_phone_and_scan_lead_to_the_phone_app(demo: Client, county: None) -> None:
    answer = _post(demo, "/demo/phone", phone="warden")
    assert answer.headers["Location"].startswith("/phone/#enrol=")
    page = _post(demo, "/demo/scan", phone="member").content.decode()
    assert "<svg" in page
    assert 'href="/phone/#enrol=' in page


@pytest.mark.parametrize("path", ["/demo/", "/demo/sign-in", "/demo/enrol", "/demo/phone"])
def test_nothing_is_there_on_a_real_system(
    client: Client, db: None, settings: Any, path: str
) -> None:
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code in {404, 405}
    assert client.post("/demo/enrol", "{}", content_type="application/json").status_code == 404
