"""The demo's pages: a button for each account, and nothing at all on a real system."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lianhu.accounts.actions.devices import enrol_device
from lianhu.accounts.models import User
from lianhu.accounts.queries.staff import find_user
from lianhu.demo.build import Built
from lianhu.demo.county import ACCOUNTS

pytestmark = pytest.mark.urls("tests.demo.urls")


def _post(client: Client, path: str, **form: str) -> Any:
    page = client.get("/demo/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    return client.post(path, form | {"csrfmiddlewaretoken": token[1]})


def test_entrance_has_one_button_for_each_account(demo: Client, built: Built) -> None:
    page = demo.get("/demo/").content.decode()
    for account in ACCOUNTS:
        assert page.count(f'name="account" value="{account}"') == 1
    assert "演示数据" in page
    assert 'name="phone" value="warden"' in page
    assert 'name="phone" value="leader"' not in page


@pytest.mark.parametrize(
    ("account", "path"),
    [
        ("secretary", "/desk/"),
        ("town", "/desk/"),
        ("warden", "/v/610921104200/"),
        ("resident", "/mine/"),
        ("warden-2", "/v/610921107200/"),
    ],
)
def test_sign_in_leads_to_the_desk_or_the_board(
    demo: Client, built: Built, account: str, path: str
) -> None:
    answer = _post(demo, "/demo/sign-in", account=account)
    assert (answer.status_code, answer.headers["Location"]) == (302, path)
    user = find_user(account)
    assert user is not None
    assert demo.session["_auth_user_id"] == str(user.id)


def test_the_resident_comes_into_her_own_household(demo: Client, built: Built) -> None:
    _post(demo, "/demo/sign-in", account="resident")
    assert "我提过的" in demo.get("/mine/").content.decode()
    looked = demo.get("/mine/looked/").content.decode()
    assert "联系本人或家属" in looked
    assert "代办事项需要核对" in looked
    _post(demo, "/demo/sign-in", account="town")
    assert "儿子的旧号码" in demo.get("/desk/requests/").content.decode()


def test_sign_in_refuses_an_account_that_the_demo_did_not_make(
    demo: Client, built: Built
) -> None:
    User.objects.filter(username="secretary").update(username="gone")
    User.objects.create(username="secretary", name="真人")
    assert _post(demo, "/demo/sign-in", account="secretary").status_code == 404
    assert _post(demo, "/demo/sign-in", account="line-0001").status_code == 404
    assert "_auth_user_id" not in demo.session


def test_enrol_gives_a_token_that_enrols_a_phone_once(demo: Client, built: Built) -> None:
    answer = demo.post(
        "/demo/enrol", json.dumps({"account": "warden"}), content_type="application/json"
    )
    device, _ = enrol_device(answer.json()["token"], "手机", "", at=timezone.now())
    assert device.user.username == "warden"


def test_phone_and_scan_lead_to_the_phone_app(demo: Client, built: Built) -> None:
    answer = _post(demo, "/demo/phone", phone="warden")
    assert answer.headers["Location"].startswith("/phone/#enrol=")
    page = _post(demo, "/demo/scan", phone="member").content.decode()
    assert "<svg" in page
    assert 'href="/phone/#enrol=' in page
