"""我的登录, and the data officer's page of sign-ins."""

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.timezone import localtime

from lianhu.accounts.actions.passwords import sign_in
from lianhu.accounts.actions.resets import ask_reset
from lianhu.accounts.actions.second import confirm_authenticator, start_authenticator
from lianhu.accounts.models import Device, FactorReset, Session, User
from lianhu.accounts.queries.second import factors_of
from lianhu.accounts.rules import code_at
from lianhu.audit.models import Entry
from lianhu.kernel.errors import Refusal
from tests import cast


def _page(client, path="/desk/me/"):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def _fail(username: str) -> None:
    try:
        sign_in(username, "x", "1.2.3.4", at=timezone.now())
    except Refusal:
        return
    raise AssertionError


def _with_app(user_id) -> None:
    user, at = User.objects.get(id=user_id), timezone.now()
    secret = start_authenticator(user, at=at)
    confirm_authenticator(user, code_at(secret, int(at.timestamp()) // 30), at=at)


def test_mine_shows_this_session_and_ends_the_others(signed, secretary_east, secretary_west):
    here, there, west = signed(secretary_east), signed(secretary_east), signed(secretary_west)
    assert "（现在这里）" in _page(here)
    other = Session.objects.get(session_key=there.session.session_key)
    assert west.post(f"/desk/me/sessions/{other.mark}/end/").status_code == 404
    here.post(f"/desk/me/sessions/{other.mark}/end/")
    assert there.get("/desk/").status_code == 302
    third = signed(secretary_east)
    here.post("/desk/me/sessions/end-others/")
    assert (third.get("/desk/").status_code, here.get("/desk/").status_code) == (302, 200)
    own = Session.objects.get(session_key=here.session.session_key)
    assert here.post(f"/desk/me/sessions/{own.mark}/end/")["Location"] == "/desk/sign-in/"
    assert here.get("/desk/").status_code == 302
    assert west.get("/desk/").status_code == 200


def test_mine_ends_ones_own_phone_and_nobody_elses(signed, secretary_east, secretary_west):
    device, _ = cast.make_device(secretary_east, "红米")
    assert "红米" in _page(signed(secretary_east))
    assert "红米" not in _page(signed(secretary_west))
    path = f"/desk/me/phones/{device.id}/end/"
    assert signed(secretary_west).post(path).status_code == 401
    assert not Device.objects.get().revoked_at
    signed(secretary_east).post(path)
    assert Device.objects.get().revoked_at


def test_mine_tells_failures_under_ones_own_name(signed, secretary_east, secretary_west):
    _fail(User.objects.get(id=secretary_east.id).username)
    assert "密码不对" in _page(signed(secretary_east))
    assert "密码不对" not in _page(signed(secretary_west))


def test_changing_the_password_ends_the_other_sessions(signed, secretary_east):
    user = User.objects.get(id=secretary_east.id)
    user.set_password("原来的密码一二三四")
    user.save()
    here, there = signed(secretary_east), signed(secretary_east)
    new = "山里的桃花四月开了"
    typed = {"old": "原来的密码一二三四", "new": new * 2, "again": new * 2}
    assert here.post("/desk/password/", typed).status_code == 302
    assert (here.get("/desk/").status_code, there.get("/desk/").status_code) == (200, 302)
    assert Session.objects.filter(user=user).count() == 1


def test_a_password_shorter_than_the_dated_length_is_refused_with_it(signed, secretary_east):
    user = User.objects.get(id=secretary_east.id)
    user.set_password("原来的密码一二三四")
    user.save()
    client = signed(secretary_east)
    assert 'minlength="10"' in _page(client, "/desk/password/")
    typed = {
        "old": "原来的密码一二三四",
        "new": "九个字的密码不够长",
        "again": "九个字的密码不够长",
    }
    refused = client.post("/desk/password/", typed)
    assert refused.status_code == 422
    assert "至少 10 位" in refused.content.decode()


def test_sign_ins_is_for_who_manages_accounts(
    signed, data_officer, officer_county, officer_town, secretary_east, supervisor
):
    for actor in (officer_town, secretary_east, supervisor):
        assert signed(actor).get("/desk/sign-ins/").status_code == 403
    _fail(User.objects.get(id=secretary_east.id).username)
    _fail("nobody-of-that-name")
    page = _page(signed(data_officer), "/desk/sign-ins/")
    assert "李东" in page
    assert "nobody-of-that-name" not in page
    assert "没有这个登录名" in page
    county = _page(signed(officer_county), "/desk/sign-ins/")
    assert "李东" not in county  # she is the second person of resets, and nothing else


def test_sign_ins_ends_a_session_in_reach(
    signed, data_officer, secretary_east, secretary_west, officer_town
):
    there = signed(secretary_east)
    mark = Session.objects.get(session_key=there.session.session_key).mark
    for actor in (secretary_west, officer_town):
        for path in (
            f"/desk/sign-ins/{mark}/end/",
            f"/desk/staff/{secretary_east.id}/sign-out/",
        ):
            assert signed(actor).post(path).status_code == 404
    assert there.get("/desk/").status_code == 200
    office = signed(data_officer)
    assert office.post(f"/desk/sign-ins/{mark}/end/").status_code == 302
    assert there.get("/desk/").status_code == 302
    there = signed(secretary_east)
    office.post(f"/desk/staff/{secretary_east.id}/sign-out/")
    assert there.get("/desk/").status_code == 302


def test_a_reset_goes_through_two_desks(
    signed, data_officer, officer_county, officer_town, secretary_west
):
    _with_app(officer_town.id)
    path = f"/desk/staff/{officer_town.id}/second/"
    assert signed(secretary_west).post(path).status_code == 404
    office = signed(data_officer)
    assert "清除第二道验证" in _page(office, f"/desk/staff/{officer_town.id}/")
    assert office.post(path).status_code == 302
    assert "已提出清除" in _page(office, f"/desk/staff/{officer_town.id}/")
    reset = FactorReset.objects.get().id
    confirm = f"/desk/sign-ins/resets/{reset}/confirm/"
    assert signed(secretary_west).post(confirm).status_code == 404
    own = office.post(confirm)
    assert own.status_code == 422
    assert "要两个人" in own.content.decode()
    assert "确认清除" in _page(signed(officer_county), "/desk/sign-ins/")
    assert signed(officer_county).post(confirm).status_code == 302
    assert not factors_of(officer_town.id).any


def test_a_person_who_may_not_manage_sees_nothing_of_sign_ins(
    signed, officer_town, secretary_east, data_officer
):
    _with_app(secretary_east.id)
    ask_reset(data_officer, secretary_east.id, at=timezone.now())
    page = _page(signed(officer_town), f"/desk/staff/{secretary_east.id}/")
    assert "第二道验证" not in page
    page = _page(signed(data_officer), f"/desk/staff/{secretary_east.id}/")
    assert "已提出清除" in page


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_of_sign_ins_asks_as_often_for_three_rows_as_for_one(
    rows, data_officer, secretary_east, officer_town, django_assert_num_queries
):
    client = cast.enter(Client(), data_officer.id)
    for actor in (secretary_east, officer_town)[:rows]:
        _fail(User.objects.get(id=actor.id).username)
    for _ in range(rows):
        cast.session_of(User.objects.get(id=secretary_east.id))
    with django_assert_num_queries(9):
        assert client.get("/desk/sign-ins/").status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_ones_own_page_asks_as_often_for_three_rows_as_for_one(
    rows, secretary_east, django_assert_num_queries
):
    client = cast.enter(Client(), secretary_east.id)
    for n in range(rows):
        cast.session_of(User.objects.get(id=secretary_east.id))
        cast.make_device(secretary_east, f"手机{n}")
    with django_assert_num_queries(12):
        assert client.get("/desk/me/").status_code == 200


def test_who_came_in_is_on_no_page_of_the_ledger(
    signed, data_officer, officer_county, secretary_east
):
    user = User.objects.get(id=secretary_east.id)
    user.set_password("山里的桃花四月开了")
    user.save()
    typed = {"username": user.username, "password": "山里的桃花四月开了"}
    assert Client().post("/desk/sign-in/", typed).status_code == 302
    assert Entry.objects.filter(verb="sign_in.done").exists()
    for actor in (data_officer, officer_county, secretary_east):
        assert "登录了" not in _page(signed(actor), "/desk/ledger/")
        told = signed(actor).get("/desk/ledger/", {"words": "李东"}).content.decode()
        assert "登录了" not in told


def test_others_see_the_day_of_a_sign_in_and_only_oneself_the_hour(
    signed, data_officer, secretary_east
):
    there = signed(secretary_east)
    began = localtime(Session.objects.get(user_id=secretary_east.id).began_at)
    day, hour = f"{began.month}月{began.day}日", f"{began:%H:%M}"
    office = signed(data_officer)
    assert f"{day} {hour}" in _page(there)
    for path in ("/desk/sign-ins/", f"/desk/staff/{secretary_east.id}/"):
        page = _page(office, path)
        assert day in page
        assert hour not in page
