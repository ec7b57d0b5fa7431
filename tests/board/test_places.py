"""County, town and village pages, the poster, search, former codes."""

import re

import pytest
from django.test import Client
from django.urls import get_resolver

from lianhu.kernel.actor import Actor
from lianhu.postings.models import Posting
from lianhu.territory.actions import load_places, make_place, merge_place, rename_place
from tests import cast
from tests.house.test_absent import _routes


def test_county_lists_towns_and_leads_to_report_and_follow(browser: Client):
    page = browser.get("/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "汉阴县" in text
    assert f"/t/{cast.EAST_TOWN}/" in text
    assert "/report/" in text
    assert "/complaint/" in text
    assert "<script" not in text


def test_nothing_on_the_board_asks_for_a_login_or_an_app(browser: Client):
    """norms.md: no forced install or login. Every page but a household's own is anybody's."""
    open_to_all = [p for p in _routes(get_resolver("lianhu.board.urls")) if "mine" not in p]
    asked = 0
    for path in open_to_all:
        plain = (
            path.removeprefix("^").removesuffix("$").replace(r"(?P<code>\d{9})", cast.EAST_TOWN)
        )
        plain = plain.replace(r"(?P<code>\d{12})", cast.EAST)
        if "<" in plain or plain == "sign-out/":
            continue
        page = browser.get(f"/{plain}", {"village": cast.EAST})
        text = page.content.decode()
        assert page.status_code == 200, plain
        assert not re.search(
            "请先登录|登录后|/sign-in/|先安装|请安装|下载.{0,6}(APP|应用)", text
        )
        asked += 1
    assert asked >= 8


def test_county_without_places_says_what_will_appear(db: None):
    assert "还没有录入镇和村" in Client().get("/").content.decode()


def test_public_pages_may_be_cached_and_say_for_whom(browser: Client):
    page = browser.get(f"/v/{cast.EAST}/")
    assert page["Cache-Control"] == "max-age=60, public"
    assert "Cookie" in page["Vary"]


def test_public_pages_are_private_to_who_carries_a_cookie(browser: Client):
    browser.cookies["sessionid"] = "x"
    assert "private" in browser.get("/")["Cache-Control"]


@pytest.mark.parametrize(
    ("words", "found"), [("双乳", [cast.EAST]), ("村", [cast.EAST, cast.NEIGHBOUR, cast.WEST])]
)
def test_search_finds_villages_by_name(browser: Client, words: str, found: list[str]):
    assert [place.code for place in browser.get("/", {"q": words}).context["found"]] == found


def test_search_that_finds_nothing_says_so(browser: Client):
    assert "没有叫“天上”的" in browser.get("/", {"q": "天上"}).content.decode()


def test_search_finds_a_village_by_its_former_name(browser: Client, data_officer: Actor):
    changer = cast.make_actor("改", ("data", cast.COUNTY))
    rename_place(changer, cast.EAST, "新双村", on=cast.TODAY, at=cast.NOON)
    found = browser.get("/", {"q": "双乳"}).context["found"]
    assert [place.name for place in found] == ["新双村"]


def test_town_lists_its_own_villages_only(browser: Client):
    text = browser.get(f"/t/{cast.EAST_TOWN}/").content.decode()
    assert cast.EAST in text
    assert cast.WEST not in text


def test_village_names_its_line_people_and_its_gaps(
    browser: Client, warden: Actor, member: Actor, secretary_east: Actor, warden_west: Actor
):
    text = browser.get(f"/v/{cast.EAST}/").content.decode()
    assert "陈户长" in text
    assert "网格长" in text
    assert "杨党员" in text
    assert "李东" in text
    assert "马西" not in text
    assert text.count("网格长暂时空缺") == 2


def test_village_shows_nobody_whose_posting_ended(browser: Client, warden: Actor):
    Posting.objects.update(ends_on=cast.LONG_AGO)
    assert "陈户长" not in browser.get(f"/v/{cast.EAST}/").content.decode()


def test_village_invents_no_phone_number(browser: Client, secretary_east: Actor):
    text = browser.get(f"/v/{cast.EAST}/").content.decode()
    assert "电话没有公布" in text


@pytest.mark.parametrize("code", ["610921104999", "610921999999", "999999999999"])
def test_an_unknown_village_is_404_and_helps_to_find_one(browser: Client, code: str):
    page = browser.get(f"/v/{code}/")
    assert page.status_code == 404
    assert "村名或社区名" in page.content.decode()


def test_a_former_code_leads_to_its_successor(browser: Client, data_officer: Actor):
    merge_place(data_officer, cast.NEIGHBOUR, cast.EAST, on=cast.TODAY, at=cast.NOON)
    for tail in ("", "poster/"):
        page = browser.get(f"/v/{cast.NEIGHBOUR}/{tail}")
        assert page.status_code == 302
        assert page["Location"] == f"/v/{cast.EAST}/{tail}"
    text = browser.get(f"/v/{cast.EAST}/").content.decode()
    assert "原来的三同村也在这里" in text
    assert "一组一网格" in text


def test_poster_carries_the_code_of_the_village(browser: Client):
    text = browser.get(f"/v/{cast.EAST}/poster/").content.decode()
    assert f"http://testserver/v/{cast.EAST}/" in text
    assert "<svg role=" in text


def test_queries_of_a_village_do_not_grow_with_its_people(
    browser: Client, django_assert_num_queries, warden: Actor
):
    browser.get("/")  # figures are kept for ten minutes
    with django_assert_num_queries(8):
        browser.get(f"/v/{cast.EAST}/")
    load_places([make_place(f"{cast.EAST_GROUP}009", "三组九网格")])
    cast.make_posted("新人", "warden", f"{cast.EAST_GROUP}009", leader=True)
    cast.make_posted("又一人", "member", f"{cast.EAST_GROUP}009")
    with django_assert_num_queries(8):
        browser.get(f"/v/{cast.EAST}/")


def test_privacy_says_every_purpose_of_the_register(browser: Client):
    text = browser.get("/privacy/").content.decode()
    assert "把答复告诉反映人；加密保存" in text
    assert "第四十五条" in text
