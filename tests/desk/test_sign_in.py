"""Signing in, out and being slowed down at the desk."""

from django.test import Client

from lianhu.accounts.actions.users import reset_password
from lianhu.accounts.models import User
from tests import cast

PASSWORD = "联户-2026-好用"


def _with_password(actor):
    user = User.objects.get(id=actor.id)
    user.set_password(PASSWORD)
    user.save()
    return user, PASSWORD


def test_enter_signs_in_and_goes_on_to_the_page_asked_for(secretary_east):
    user, password = _with_password(secretary_east)
    client = Client()
    asked = client.get("/desk/matters/?queue=office")
    assert (asked.status_code, asked["Location"]) == (
        302, "/desk/sign-in/?next=%2Fdesk%2Fmatters%2F%3Fqueue%3Doffice",
    )  # fmt: skip
    typed = {"username": user.username, "password": password, "next": "/desk/matters/"}
    answer = client.post("/desk/sign-in/", typed)
    assert (answer.status_code, answer["Location"]) == (302, "/desk/matters/")
    assert client.get("/desk/").status_code == 200


def test_enter_keeps_the_name_and_never_leads_elsewhere(secretary_east):
    user, password = _with_password(secretary_east)
    wrong = Client().post("/desk/sign-in/", {"username": user.username, "password": "x"})
    assert wrong.status_code == 401
    assert f'value="{user.username}"' in wrong.content.decode()
    elsewhere = {
        "username": user.username,
        "password": password,
        "next": "https://evil.example",
    }
    assert Client().post("/desk/sign-in/", elsewhere)["Location"] == "/desk/"


def test_enter_is_throttled(secretary_east):
    user, password = _with_password(secretary_east)
    for _ in range(5):
        Client().post("/desk/sign-in/", {"username": user.username, "password": "x"})
    answer = Client().post("/desk/sign-in/", {"username": user.username, "password": password})
    assert answer.status_code == 429
    assert "15 分钟" in answer.content.decode()


def test_leave_ends_the_session(signed, secretary_east):
    client = signed(secretary_east)
    assert client.get("/desk/sign-out/").status_code == 405
    client.post("/desk/sign-out/")
    assert client.get("/desk/").status_code == 302


def test_password_is_changed_by_who_knows_the_old_one(signed, secretary_east):
    user, old = _with_password(secretary_east)
    client, new = signed(secretary_east), "山里的桃花四月开"
    for typed in (
        {"old": "no", "new": new + "123", "again": new + "123"},
        {"old": old, "new": "short", "again": "short"},
        {"old": old, "new": new, "again": new + "x"},
    ):
        assert client.post("/desk/password/", typed).status_code == 422
    long = new + "了满山都是"
    done = client.post("/desk/password/", {"old": old, "new": long, "again": long})
    assert done.status_code == 302
    user.refresh_from_db()
    assert user.check_password(long)
    assert client.get("/desk/").status_code == 200


def test_a_one_time_password_is_changed_before_anything_else(data_officer, secretary_east):
    _, lent = reset_password(data_officer, secretary_east.id, at=cast.NOON)
    username = User.objects.get(id=secretary_east.id).username
    client = Client()
    client.post("/desk/sign-in/", {"username": username, "password": lent})
    for path in ("/desk/", "/desk/matters/", "/desk/places/"):
        page = client.get(path)
        assert (page.status_code, page.headers.get("Location")) == (302, "/desk/password/"), (
            path
        )
    posted = client.post("/desk/matters/export/?queue=under")
    assert posted.headers["Location"] == "/desk/password/"
    assert "一次性密码" in client.get("/desk/password/").content.decode()
    same = client.post("/desk/password/", {"old": lent, "new": lent, "again": lent})
    assert "请换一个" in same.content.decode()
    own = "春天的桥头有三棵树"
    client.post("/desk/password/", {"old": lent, "new": own * 2, "again": own * 2})
    assert client.get("/desk/").status_code == 200


def test_who_has_no_desk_gets_none(signed, warden, resident):
    for actor in (warden, resident):
        assert signed(actor).get("/desk/").status_code == 403
    assert cast.actor_again(warden.id).holds("phone.use")
