"""What my household asks on the board: each with a receipt, nothing lost by a mistake."""

import time
from typing import Any

import pytest
from django.test import Client

from lianhu.kernel.actor import Actor
from lianhu.people.models import Household, Person, Proposal
from lianhu.rights.actions.requests import answer_request
from lianhu.rights.models import Request
from lianhu.rights.queries.own import get_resident
from lianhu.web.resident import KEY
from tests import cast
from tests.rights.conftest import NUMBER, home, numbered

__all__ = ["home", "numbered"]  # fixtures
FORMS = ("/mine/correct/", "/mine/appeal/", "/mine/ask/")


def come_in(browser: Client, home: Household) -> None:
    """As if by a code."""
    session = browser.session
    person = cast.head_of(home)
    get_resident(home.id, person.id)
    now = int(time.time())
    session[KEY] = {
        "household": home.id.hex, "person": person.id.hex, "since": now, "seen": now,
    }  # fmt: skip
    session.save()


@pytest.fixture
def inside(browser: Client, numbered: Household) -> Client:
    come_in(browser, numbered)
    return browser


def _receipt(browser: Client, answer: Any) -> str:
    assert answer.status_code == 302, answer.content.decode()
    page = browser.get(answer["Location"])
    assert page.status_code == 200
    return str(page.content.decode())


@pytest.mark.parametrize("page", [*FORMS, "/mine/copy/"])
def test_nobody_else_may_ask(browser: Client, numbered: Household, page: str):
    answer = browser.post(page, {"words": "写了很久的话", "kind": "delete", "what": "other"})
    assert answer.status_code == 401
    assert "写了很久的话" in answer.content.decode() or page == "/mine/copy/"
    assert Request.objects.count() == 0


@pytest.mark.parametrize("page", FORMS)
def test_every_form_opens(inside: Client, page: str):
    assert inside.get(page).status_code == 200


def test_a_new_phone_is_proposed_with_a_receipt(inside: Client, numbered: Household):
    wife = Person.objects.get(household=numbered, name="张桂花")
    answer = inside.post(
        "/mine/correct/", {"what": "phone", "who": wife.id, "phone": "10012341234"}
    )
    text = _receipt(inside, answer)
    assert "更正、补充（换了电话）：等答复" in text
    assert "还剩 15 个工作日" in text
    row = Proposal.objects.get()
    assert (row.what, row.person_id, row.proposer_name) == ("phone", wife.id, "本户")
    assert "更正、补充" in inside.get("/mine/").content.decode()


def test_somebody_of_another_household_cannot_be_corrected(
    inside: Client, household_west: Household
):
    other = cast.head_of(household_west)
    answer = inside.post(
        "/mine/correct/", {"what": "phone", "who": other.id, "phone": "10012341234"}
    )
    assert answer.status_code == 404
    assert Proposal.objects.count() == 0


def test_a_mistake_keeps_what_was_typed(inside: Client, numbered: Household):
    head = cast.head_of(numbered)
    answer = inside.post("/mine/correct/", {"what": "phone", "who": head.id, "phone": "12"})
    assert answer.status_code == 422
    assert 'value="12"' in answer.content.decode()
    answer = inside.post("/mine/ask/", {"kind": "burn", "words": "写了很久的话"})
    assert (answer.status_code, "写了很久的话" in answer.content.decode()) == (422, True)


def test_an_appeal_has_a_receipt_and_only_one_is_open(inside: Client):
    text = _receipt(inside, inside.post("/mine/appeal/", {"words": "我家要人帮"}))
    assert "申诉：等答复" in text
    assert inside.post("/mine/appeal/", {"words": "再说一遍"}).status_code == 422
    assert "定下来以前照样帮" in inside.get("/mine/").content.decode()


def test_a_request_is_answered_in_the_household_only(
    inside: Client, numbered: Household, officer_town: Actor, browser: Client
):
    answer = inside.post("/mine/ask/", {"kind": "explain", "words": "为什么存我的号码"})
    assert "为什么存我的号码" in _receipt(inside, answer)
    row = Request.objects.get()
    answer_request(officer_town, row.id, "granted", "为了联系您", at=cast.NOON)
    path = f"/mine/receipts/{row.ref}/"
    assert "为了联系您" in inside.get(path).content.decode()
    stranger = Client().get(path)
    text = stranger.content.decode()
    assert stranger["Cache-Control"] == "no-store"
    assert "照办了" in text
    for secret in ("为了联系您", "为什么存", "刘武林"):
        assert secret not in text


def test_guessing_receipts_is_throttled(browser: Client, places: Any):
    for number in range(60):
        assert browser.get(f"/mine/receipts/{number:010d}/").status_code == 404
    assert browser.get("/mine/receipts/0000000000/").status_code == 429


def test_a_copy_is_one_file_with_everything_and_without_script(inside: Client):
    assert inside.get("/mine/copy/").status_code == 405
    answer = inside.post("/mine/copy/")
    text = answer.content.decode()
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Cache-Control"] == "no-store"
    assert NUMBER in text
    assert "张桂花" in text
    assert cast.head_of(Household.objects.get()).id_number not in text
    for sign in ("<script", "src=", "href="):
        assert sign not in text
    assert Request.objects.get().outcome == "granted"


def test_words_of_others_are_shown_as_text(inside: Client, numbered: Household):
    Household.objects.update(address="<script>alert(1)</script>")
    for text in (inside.get("/mine/held/"), inside.post("/mine/copy/")):
        assert "<script>alert" not in text.content.decode()
