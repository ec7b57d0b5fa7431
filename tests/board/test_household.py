"""My household on the board: in by a code, out after half an hour, nothing for anybody else."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.timezone import localdate

from lianhu.grading.actions.decide import propose_grade
from lianhu.grading.actions.homes import merge_households
from lianhu.kernel import sms
from lianhu.kernel.actor import Actor
from lianhu.people.models import Household
from tests import cast
from tests.conftest import DAY
from tests.rights.conftest import NOBODYS, NUMBER, Inbox, home, inbox, numbered

__all__ = ["home", "inbox", "numbered"]  # fixtures
PAGES = ("/mine/held/", "/mine/looked/")


def _ticket(answer: Any) -> str:
    return str(answer.context["ticket"])


def _sign_in(browser: Client, inbox: Inbox) -> Any:
    asked = browser.post("/mine/code/", {"phone": NUMBER})
    return browser.post("/mine/enter/", {"ticket": _ticket(asked), "code": inbox.code})


@pytest.fixture
def inside(browser: Client, numbered: Household, inbox: Inbox) -> Client:
    """A browser that came in by the code."""
    assert _sign_in(browser, inbox).status_code == 302
    return browser


def _later(monkeypatch: pytest.MonkeyPatch, **spell: int) -> None:
    then = datetime.now(tz=cast.SHANGHAI) + timedelta(**spell)
    then += DAY - localdate(datetime.now(tz=cast.SHANGHAI))
    monkeypatch.setattr(timezone, "now", lambda: then)


def test_the_answer_is_the_same_for_a_number_of_nobody(
    browser: Client, numbered: Household, inbox: Inbox
):
    pages = []
    for number in (NUMBER, NOBODYS):
        answer = browser.post("/mine/code/", {"phone": number})
        assert answer.status_code == 200
        text = answer.content.decode().replace(_ticket(answer), "")
        token = answer.context["csrf_token"]
        pages.append(text.replace(str(token), "").replace(number[-4:], ""))
    assert pages[0] == pages[1]
    sms.wait_until_sent()
    assert [to for to, _ in inbox] == [NUMBER]


def test_in_by_a_code_and_my_household_is_there(inside: Client):
    text = inside.get("/mine/").content.decode()
    assert "刘武林家" in text
    assert "放心户" in text
    for page in PAGES:
        answer = inside.get(page)
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"
    held = inside.get("/mine/held/").content.decode()
    assert NUMBER in held
    assert "张桂花" in held
    assert "联系本人" in held


def test_the_household_reads_why_it_has_its_colour(
    inside: Client, numbered: Household, secretary_east: Actor
):
    evidence = [
        {
            "rule": "Y03",
            "colour": "yellow",
            "reason": "留守儿童",
            "facts": [
                {
                    "fact": "left_behind_child",
                    "words": "留守儿童",
                    "evidence": [{"source": "户籍登记：在家 2 人"}],
                }
            ],
        }
    ]
    propose_grade(
        secretary_east, numbered.id, "yellow", "孩子留守在家", at=timezone.now(), evidence=evidence,
        rules="试行标准 2026-01-01",
    )  # fmt: skip
    text = inside.get("/mine/").content.decode()
    for told in (
        "关心户",
        "孩子留守在家",
        "户籍登记：在家 2 人",
        "试行标准 2026-01-01",
        "李东",
    ):
        assert told in text
    assert "原来那一户" not in text


def test_the_household_reads_that_its_colour_came_from_another_one(
    inside: Client, numbered: Household, secretary_east: Actor
):
    other = cast.make_household(cast.EAST_GRID, "陈老三")
    now = timezone.now()
    propose_grade(secretary_east, other.id, "yellow", "孩子留守在家", at=now)
    merge_households(secretary_east, numbered.id, other.id, at=now)
    text = inside.get("/mine/").content.decode()
    for told in ("关心户", "孩子留守在家", "李东", "并户时从原来那一户带来"):
        assert told in text


def test_the_session_key_changes_on_the_way_in_and_out(
    browser: Client, numbered: Household, inbox: Inbox
):
    browser.session.save()
    before = browser.session.session_key
    _sign_in(browser, inbox)
    inside = browser.session.session_key
    assert inside != before
    browser.post("/mine/leave/")
    assert browser.session.session_key != inside
    assert browser.get("/mine/held/").status_code == 401


@pytest.mark.parametrize("page", PAGES)
def test_nobody_else_sees_a_page(browser: Client, numbered: Household, page: str):
    answer = browser.get(page)
    assert answer.status_code == 401
    assert "收验证码" in answer.content.decode() or "还没有开通短信" in answer.content.decode()


def test_half_an_hour_without_a_touch_ends_it(inside: Client, monkeypatch: pytest.MonkeyPatch):
    _later(monkeypatch, minutes=29)
    assert inside.get("/mine/held/").status_code == 200
    _later(monkeypatch, minutes=58)
    assert inside.get("/mine/held/").status_code == 200
    _later(monkeypatch, minutes=89)
    assert inside.get("/mine/held/").status_code == 401


def test_a_touched_session_ends_after_four_hours(
    inside: Client, monkeypatch: pytest.MonkeyPatch
):
    for minutes in range(20, 240, 20):
        _later(monkeypatch, minutes=minutes)
        assert inside.get("/mine/held/").status_code == 200
    _later(monkeypatch, minutes=242)
    assert inside.get("/mine/held/").status_code == 401


def test_who_left_the_household_is_out_at_once(inside: Client, numbered: Household):
    head = cast.head_of(numbered)
    head.ended_on = cast.TODAY
    head.save()
    assert inside.get("/mine/held/").status_code == 401


def test_a_wrong_code_keeps_the_page_and_says_how_often_one_may_try(
    browser: Client, numbered: Household, inbox: Inbox
):
    asked = browser.post("/mine/code/", {"phone": NUMBER})
    answer = browser.post("/mine/enter/", {"ticket": _ticket(asked), "code": "12"})
    assert answer.status_code == 422
    assert "还能试 4 次" in answer.content.decode()
    forged = browser.post("/mine/enter/", {"ticket": "x" + _ticket(asked), "code": inbox.code})
    assert forged.status_code == 422
    assert browser.get("/mine/held/").status_code == 401


@pytest.mark.parametrize("typed", ["", "12345", "0915-5212345", "<script>"])
def test_what_is_no_mobile_number_is_refused_in_words(
    browser: Client, numbered: Household, inbox: Inbox, typed: str
):
    answer = browser.post("/mine/code/", {"phone": typed})
    assert answer.status_code == 422
    assert "请写 11 位手机号" in answer.content.decode()
    assert "<script>" not in answer.content.decode()


def test_whose_number_is_in_two_households_chooses(
    browser: Client, numbered: Household, inbox: Inbox, household_west: Household
):
    head = cast.head_of(household_west)
    head.set_phone(NUMBER)
    head.save()
    answer = _sign_in(browser, inbox)
    assert "是哪一户" in answer.content.decode()
    assert "马有田" not in answer.content.decode()
    choice = answer.context["choice"]
    wrong = browser.post("/mine/choose/", {"choice": choice, "who": "zzz"})
    assert wrong.status_code == 422
    browser.post("/mine/choose/", {"choice": choice, "who": household_west.code})
    text = browser.get("/mine/held/").content.decode()
    assert "马有田" in text
    assert "张桂花" not in text


def test_without_a_gateway_the_page_says_where_to_go(browser: Client, places: Any):
    text = browser.get("/mine/").content.decode()
    assert "还没有开通短信" in text
    assert "村委会" in text


@pytest.mark.parametrize(
    "path", ["/desk/", "/desk/requests/", "/desk/households/{home}/", "/api/phone/me"]
)
def test_a_household_session_opens_nothing_but_its_own_pages(
    inside: Client, numbered: Household, path: str
):
    answer = inside.get(path.format(home=numbered.id))
    assert answer.status_code in {302, 401}
    assert "刘武林" not in answer.content.decode()
