"""Reporting without script or login: what is kept, what is refused, where it goes."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from lianhu.accounts.models import User
from lianhu.board.forms import new_number, plain_phone
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.matters.models import Attachment, Matter
from lianhu.matters.queries.lists import Filter, list_matters
from lianhu.territory.actions import merge_place
from tests import cast
from tests.board.conftest import Send


def _photo() -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(content, "JPEG")
    return SimpleUploadedFile("a.jpg", content.getvalue(), "image/jpeg")


def test_report_without_a_village_asks_town_then_village(browser: Client):
    towns = browser.get("/report/?kind=safety").content.decode()
    assert f"?town={cast.EAST_TOWN}&amp;kind=safety" in towns
    villages = browser.get(f"/report/?town={cast.EAST_TOWN}&kind=safety").content.decode()
    assert f"?village={cast.EAST}&amp;kind=safety" in villages
    assert cast.WEST not in villages


def test_form_says_who_sees_it_before_it_is_sent(browser: Client):
    text = browser.get(f"/report/?village={cast.EAST}").content.decode()
    assert "本村干部和经办单位看得到" in text
    assert "直接送县里，不经过村和镇，被反映的人看不到" in text
    assert "不会送到本村、本镇" in text
    assert "不给村里其他干部看" in text
    assert 'href="tel:120"' in text


def test_a_report_leads_to_its_code(send: Send, browser: Client):
    answer = send(top="livelihood", category="livelihood.housing", name="刘", spot="桥头")
    matter = Matter.objects.get()
    assert answer["Location"] == f"/follow/{matter.ref}/?done=new"
    assert (matter.category, matter.source, matter.spot) == (
        "livelihood.housing", "board", "桥头",
    )  # fmt: skip
    assert (matter.place_id, matter.row_class) == (cast.EAST, "ordinary")
    assert matter.reporter_phone == "10012345678"
    assert matter.reporter_id is None
    text = browser.get(answer["Location"]).content.decode()
    assert f"{matter.ref[:5]} {matter.ref[5:]}" in text
    assert "<svg role=" in text


def test_a_group_places_the_report_there(send: Send):
    send(group=cast.EAST_GROUP)
    assert Matter.objects.get().place_id == cast.EAST_GROUP


def test_a_group_of_another_village_is_refused(send: Send):
    assert send(group=cast.WEST_GROUP).status_code == 422
    assert not Matter.objects.exists()


def test_a_finer_kind_of_another_picture_does_not_count(send: Send):
    send(top="safety", category="environment.garbage")
    assert Matter.objects.get().category == "safety"


def test_a_quiet_report_is_seen_by_those_who_handle_it_only(
    send: Send, secretary_east: Actor, supervisor: Actor
):
    send(quiet="1")
    wanted = Filter()
    assert list_matters(secretary_east, wanted, today=cast.TODAY).count() == 1
    assert list_matters(supervisor, wanted, today=cast.TODAY).count() == 0


def test_a_report_about_an_official_passes_by_village_and_town(
    send: Send, secretary_east: Actor, officer_town: Actor, officer_county: Actor
):
    send(top="official", category="official.money", about="李某")
    matter = Matter.objects.get()
    assert (matter.place_id, matter.office) == (cast.COUNTY, cast.DISCIPLINE)
    assert (matter.subject_place, matter.about) == (cast.EAST, "李某")
    seen = [
        list_matters(actor, Filter(), today=cast.TODAY).count()
        for actor in (secretary_east, officer_town, officer_county)
    ]
    assert seen == [0, 0, 1]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"words": " "}, "请写几个字"),
        ({"words": "长" * 5001}, "写得太长了"),
        ({"phone": ""}, "请留一个电话"),
        ({"phone": "12345"}, "电话不对"),
        ({"top": ""}, "请先选一样"),
        ({"top": "environment.garbage"}, "请先选一样"),
        ({"website": "http://x"}, "这一格请留空"),
    ],
)
def test_a_refusal_keeps_everything_typed(send: Send, typed: dict, words: str):
    before = {"spot": "老学校旁", "name": "刘老汉", "words": "一字不能丢"} | typed
    answer = send(**before)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert words in text
    for kept in ("老学校旁", "刘老汉", before["words"].strip()[:10]):
        assert kept in text
    assert not Matter.objects.exists()


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("13812345678", "13812345678"),
        ("138 1234-5678", "13812345678"),
        ("+86 13812345678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("0915-5212345", "09155212345"),
        ("5212345", "5212345"),
        ("23812345678", ""),
        ("1381234567", ""),
        ("abc", ""),
    ],
)
def test_phone_numbers_as_people_type_them(typed: str, digits: str):
    assert plain_phone(typed) == digits


def test_a_photo_survives_a_mistake_elsewhere(send: Send, browser: Client, media_folder):
    first = send(phone="1", photo=_photo())
    assert "刚才那张照片已经收到" in first.content.decode()
    send(kept=first.context["kept"])
    assert Attachment.objects.get().matter == Matter.objects.get()


def test_a_photo_that_is_none_says_so_and_keeps_the_words(send: Send, media_folder):
    answer = send(photo=SimpleUploadedFile("a.jpg", b"no photo", "image/jpeg"))
    assert answer.status_code == 422
    assert "这不是照片" in answer.content.decode()
    assert "桥头的垃圾堆了三天" in answer.content.decode()


def test_a_photo_that_we_did_not_sign_is_ignored(send: Send):
    send(kept="0" * 64)
    assert not Attachment.objects.exists()


def test_two_taps_make_one_matter(send: Send):
    number = new_number()
    first, second = send(number=number), send(number=number)
    assert Matter.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_going_back_to_write_something_else_makes_another(send: Send):
    number = new_number()
    send(number=number)
    send(number=number, words="另一件事")
    assert Matter.objects.count() == 2


def test_a_number_that_we_did_not_sign_is_replaced(send: Send):
    send(number="019364a0-7c1e-7a52-9d41-3f0c5a2b1e77")
    assert str(Matter.objects.get().id) != "019364a0-7c1e-7a52-9d41-3f0c5a2b1e77"


def test_one_phone_may_report_a_few_times_an_hour(send: Send):
    most = read("throttles.toml")["board_report"]["tries"]
    sent = [send(words=f"第{n}件").status_code for n in range(most + 1)]
    assert sent == [302] * most + [429]
    assert send(words="第9件", phone="10087654321").status_code == 302


def test_mistakes_do_not_count_against_the_phone(send: Send):
    most = read("throttles.toml")["board_report"]["tries"]
    for _ in range(most + 1):
        send(words="")
    assert send().status_code == 302


def test_one_address_may_report_so_often_and_loses_nothing(send: Send):
    most = read("throttles.toml")["board_report_address"]["tries"]
    for _ in range(most):
        send(words="")
    answer = send(words="最后一件")
    assert answer.status_code == 429
    assert "最后一件" in answer.content.decode()
    assert "请过 60 分钟再试" in answer.content.decode()


def test_an_unknown_village_cannot_be_reported_from(browser: Client):
    assert browser.get("/report/?village=610921104999").status_code == 404


def test_a_former_village_leads_to_its_successor(
    browser: Client, data_officer: Actor, send: Send
):
    merge_place(data_officer, cast.NEIGHBOUR, cast.EAST, on=cast.TODAY, at=cast.NOON)
    answer = browser.get(f"/report/?village={cast.NEIGHBOUR}")
    assert answer["Location"] == f"/report/?village={cast.EAST}"
    send(group="61092110420101")
    assert Matter.objects.get().place_id == "61092110420101"


def test_a_complaint_goes_to_the_county_past_village_and_town(
    browser: Client, secretary_east: Actor, officer_town: Actor, leader_county: Actor
):
    form = browser.get("/complaint/")
    assert "汉阴县信访局" in form.content.decode()
    answer = browser.post(
        "/complaint/",
        {"top": "policy", "category": "policy.complaint", "words": "逼我装应用",
         "phone": "10012345678", "number": new_number()},
    )  # fmt: skip
    matter = Matter.objects.get()
    assert answer.status_code == 302
    assert (matter.place_id, matter.office) == (cast.COUNTY, cast.PETITION)
    seen = [
        list_matters(actor, Filter(), today=cast.TODAY).count()
        for actor in (secretary_east, officer_town, leader_county)
    ]
    assert seen == [0, 0, 1]


def test_mine_lists_what_the_signed_in_person_reported(
    send: Send, browser: Client, resident: Actor, secretary_east: Actor
):
    cast.make_matter(secretary_east, words="别人报的事")
    browser.force_login(User.objects.get(id=resident.id))
    send(words="我自己报的事")
    send(top="official", words="反映的事")
    text = browser.get("/mine/").content.decode()
    assert "我自己报的事" in text
    assert "反映的事" in text
    assert "别人报的事" not in text
    assert {m.reporter_id for m in Matter.objects.filter(source="board")} == {resident.id}


def test_mine_without_a_login_offers_the_code(browser: Client):
    answer = browser.get("/mine/")
    assert answer.status_code == 401
    assert "用上报时给您的编号" in answer.content.decode()


def test_sign_out_ends_the_session(browser: Client, resident: Actor):
    browser.force_login(User.objects.get(id=resident.id))
    assert browser.get("/sign-out/").status_code == 405
    browser.post("/sign-out/")
    assert browser.get("/mine/").status_code == 401


def test_forms_without_their_token_are_refused_in_words(places: dict[str, str]):
    answer = Client(enforce_csrf_checks=True).post(f"/report/?village={cast.EAST}", {})
    assert answer.status_code == 403
    assert "再送一次" in answer.content.decode()
