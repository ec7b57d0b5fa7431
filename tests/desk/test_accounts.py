"""The data officer's pages: open an account, give and take back roles, reset a password."""

import re

from django.test import Client
from django.utils.timezone import localdate

from lianhu.accounts.models import Grant, User
from tests import cast

NEW = "/desk/accounts/new/"
TYPED = {
    "name": "林新", "username": "lin.xin", "role": "office", "place": cast.EAST_TOWN,
    "office": "town:housing", "starts_on": "2026-01-01",
}  # fmt: skip
PASSWORD = re.compile(r'密码 <b class="code">([0-9A-Z]{12})</b>')


def _today():
    return localdate().isoformat()


def test_an_account_is_opened_and_its_password_shown_once(signed, data_officer):
    client = signed(data_officer)
    page = client.get(NEW, {"place": cast.EAST}).content.decode()
    assert f'value="{cast.EAST}" selected' in page
    assert "中心户长" not in page
    answer = client.post(NEW, TYPED)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    text = answer.content.decode()
    assert "/desk/me/" in text
    user = User.objects.get(username="lin.xin")
    assert Grant.objects.get(user=user).office == cast.HOUSING
    [password] = PASSWORD.findall(text)
    assert password not in client.get(f"/desk/staff/{user.id}/").content.decode()
    entered = Client().post("/desk/sign-in/", {"username": "lin.xin", "password": password})
    assert (entered.status_code, entered["Location"]) == (302, "/desk/second/")


def test_what_was_typed_stays_when_it_is_refused(signed, data_officer):
    client = signed(data_officer)
    for change, words in (
        ({"username": "林"}, "登录名要 3 到 30 位"),
        ({"role": "secretary"}, "不能用在这一级"),
        ({"office": "county:housing"}, "同级的单位"),
        ({"office": ""}, "经办人员必须选单位"),
        ({"starts_on": "明天"}, "请把日期写清楚"),
    ):
        answer = client.post(NEW, TYPED | change)
        text = answer.content.decode()
        assert answer.status_code == 422
        assert words in text
        assert 'value="林新"' in text
        assert f'value="{cast.EAST_TOWN}" selected' in text
        for value in change.values():
            assert not value or f'value="{value}"' in text
    assert not User.objects.filter(name="林新").exists()


def test_nobody_else_sees_or_uses_the_pages(signed, secretary_east, handler):
    client, grant = signed(secretary_east), Grant.objects.get(user_id=handler.id)
    assert client.get(NEW).status_code == 404
    assert client.post(NEW, TYPED).status_code == 404
    assert client.post(f"/desk/staff/{handler.id}/grant/", TYPED).status_code == 404
    assert client.post(f"/desk/staff/{handler.id}/reset/").status_code == 404
    ended = client.post(f"/desk/grants/{grant.id}/end/", {"last_day": _today()})
    assert ended.status_code == 404
    assert "开通账号" not in client.get("/desk/staff/").content.decode()
    own = client.get(f"/desk/staff/{secretary_east.id}/").content.decode()
    assert "收回身份" not in own
    assert "重设密码" not in own
    grant.refresh_from_db()
    assert grant.ends_on is None


def test_a_place_out_of_reach_opens_nothing(signed, data_officer):
    answer = signed(data_officer).post(NEW, TYPED | {"place": "610922100"})
    assert answer.status_code == 403
    assert not User.objects.filter(username="lin.xin").exists()


def test_roles_are_given_and_taken_back_on_the_persons_page(signed, data_officer, handler):
    client, path = signed(data_officer), f"/desk/staff/{handler.id}/"
    assert "开通账号" in client.get("/desk/staff/").content.decode()
    assert "授予身份" in client.get(path).content.decode()
    given = TYPED | {"office": "town:affairs", "starts_on": "2126-01-01"}
    assert client.post(f"{path}grant/", given)["Location"] == f"{path}?done=grant"
    # One that begins later is already told.
    assert "社会事务办公室" in client.get(path).content.decode()
    again = client.post(f"{path}grant/", given)
    assert again.status_code == 422
    assert "已经有这个身份了" in again.content.decode()
    assert 'value="town:affairs" selected' in again.content.decode()
    grant = Grant.objects.get(user_id=handler.id, office=cast.HOUSING)
    end = f"/desk/grants/{grant.id}/end/"
    assert client.post(end, {"last_day": "昨天"}).status_code == 422
    assert client.post(end, {"last_day": _today()})["Location"] == f"{path}?done=end"
    grant.refresh_from_db()
    assert grant.ends_on == localdate()


def test_a_password_is_reset_and_shown_once(signed, data_officer, handler):
    session = signed(handler)
    assert session.get("/desk/").status_code == 200
    client = signed(data_officer)
    answer = client.post(f"/desk/staff/{handler.id}/reset/")
    [password] = PASSWORD.findall(answer.content.decode())
    assert answer["Cache-Control"] == "no-store"
    assert session.get("/desk/").status_code != 200
    username = User.objects.get(id=handler.id).username
    entered = Client().post("/desk/sign-in/", {"username": username, "password": password})
    assert entered.status_code == 302
    assert client.get(f"/desk/staff/{handler.id}/reset/").status_code == 405


def test_ones_own_page_offers_nothing_of_it(signed, data_officer):
    client, path = signed(data_officer), f"/desk/staff/{data_officer.id}/"
    text = client.get(path).content.decode()
    assert "收回身份" not in text
    assert "重设密码" not in text
    refused = client.post(f"{path}reset/")
    assert refused.status_code == 422
    assert "请用“改密码”" in refused.content.decode()
