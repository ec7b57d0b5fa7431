"""The demo's pages where there is no demo county, or no demo at all."""

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.urls("tests.demo.urls")


def test_entrance_says_when_the_county_is_not_built(demo: Client, db: None) -> None:
    page = demo.get("/demo/").content.decode()
    assert "lianhu demo" in page
    assert 'name="account"' not in page


@pytest.mark.parametrize("body", ["", "[]", '{"account": 7}', "{}", "nonsense"])
def test_enrol_answers_bad_bodies_with_a_problem(demo: Client, db: None, body: str) -> None:
    answer = demo.post("/demo/enrol", body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["code"] == "request.invalid"


def test_enrol_answers_an_unknown_account_with_a_problem(demo: Client, db: None) -> None:
    answer = demo.post("/demo/enrol", '{"account": "nobody"}', content_type="application/json")
    assert answer.status_code == 404
    assert answer.json()["code"] == "account.not_found"


@pytest.mark.parametrize("path", ["/demo/", "/demo/sign-in", "/demo/enrol", "/demo/phone"])
def test_nothing_is_there_on_a_real_system(
    client: Client, db: None, settings: Any, path: str
) -> None:
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code in {404, 405}
    assert client.post("/demo/enrol", "{}", content_type="application/json").status_code == 404
