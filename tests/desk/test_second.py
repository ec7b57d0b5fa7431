"""The second factor at the door, by a browser without script; asked again before what matters."""

import re
from base64 import b32decode
from datetime import timedelta
from math import log2

import pytest
from django.test import Client
from django.utils import timezone

from lianhu.accounts.actions.second import confirm_authenticator, start_authenticator
from lianhu.accounts.models import Authenticator, Session, User
from lianhu.accounts.queries.second import factors_of
from lianhu.accounts.rules import code_at
from lianhu.audit.models import Entry
from lianhu.web.sessions import ENTRY
from tests import cast

PASSWORD = "联户-2026-好用"


def now_code(secret: bytes, steps: int = 0) -> str:
    return code_at(secret, int(timezone.now().timestamp()) // 30 + steps)


def _with_password(actor) -> User:
    user = User.objects.get(id=actor.id)
    user.set_password(PASSWORD)
    user.save()
    return user


def _with_app(user: User) -> tuple[bytes, list[str]]:
    at = timezone.now() - timedelta(hours=1)
    secret = start_authenticator(user, at=at)
    return secret, confirm_authenticator(
        user, code_at(secret, int(at.timestamp()) // 30), at=at
    )


def _password(client: Client, user: User, next_: str = "/desk/"):
    typed = {"username": user.username, "password": PASSWORD, "next": next_}
    return client.post("/desk/sign-in/", typed)


def _typed_key(page: str) -> bytes:
    """The secret as the page gives it to be typed."""
    return b32decode(re.search(r'<p class="code">([A-Z2-7 ]+)</p>', page)[1].replace(" ", ""))


def test_who_owes_a_factor_sets_it_up_before_the_desk_opens(officer_town):
    user, client = _with_password(officer_town), Client()
    assert _password(client, user, "/desk/staff/")["Location"] == "/desk/second/"
    assert client.get("/desk/")["Location"].startswith("/desk/sign-in/")
    assert client.get("/desk/second/")["Location"] == "/desk/second/new/"
    assert "手机验证器" in client.get("/desk/second/new/").content.decode()
    page = client.post("/desk/second/new/", {"how": "app"}).content.decode()
    secret = _typed_key(page)
    assert "<svg" in page
    wrong = client.post("/desk/second/new/", {"how": "app", "code": "000000"})
    assert wrong.status_code == 422
    assert _typed_key(wrong.content.decode()) == secret
    assert client.get("/desk/").status_code == 302
    done = client.post("/desk/second/new/", {"how": "app", "code": now_code(secret)})
    text = done.content.decode()
    codes = re.findall(r'<li class="code">([0-9A-Z-]+)</li>', text)
    assert len(codes) == 10
    assert 'href="/desk/staff/"' in text
    assert "no-store" in done["Cache-Control"]
    assert client.get("/desk/staff/").status_code == 200
    assert codes[0] not in client.get("/desk/me/").content.decode()


def test_who_has_one_shows_it_at_each_sign_in(officer_town):
    user = _with_password(officer_town)
    secret, codes = _with_app(user)
    client = Client()
    _password(client, user)
    assert client.get("/desk/second/new/")["Location"] == "/desk/second/"
    wrong = client.post("/desk/second/", {"confirm_code": "123"})
    assert (wrong.status_code, client.get("/desk/").status_code) == (401, 302)
    entered = client.post("/desk/second/", {"confirm_code": now_code(secret)})
    assert entered["Location"] == "/desk/"
    assert client.get("/desk/").status_code == 200
    session = Session.objects.get(user=user)
    assert (session.way, session.network) == ("password", "本机")
    done = Entry.objects.get(verb="sign_in.done")
    assert (done.object_id, done.place_id) == (str(user.id), "")
    assert done.facts == {"way": "password", "second": "totp"}
    again = Client()
    _password(again, user)
    replay = again.post("/desk/second/", {"confirm_code": now_code(secret)})
    assert replay.status_code == 401
    assert "用过的不能再用" in replay.content.decode()
    assert again.post("/desk/second/", {"confirm_code": codes[3]}).status_code == 302
    assert again.get("/desk/").status_code == 200


def test_a_village_needs_no_second_factor_but_may_have_one(secretary_east):
    user, client = _with_password(secretary_east), Client()
    assert _password(client, user)["Location"] == "/desk/"
    secret, _ = _with_app(user)
    other = Client()
    assert _password(other, user)["Location"] == "/desk/second/"
    assert other.get("/desk/").status_code == 302
    other.post("/desk/second/", {"confirm_code": now_code(secret)})
    assert other.get("/desk/").status_code == 200


def test_the_half_open_door_leads_nowhere_else_and_closes(officer_town):
    user, client = _with_password(officer_town), Client()
    _with_app(user)
    _password(client, user)
    for path in ("/desk/", "/desk/me/", "/desk/password/", "/desk/sign-ins/"):
        assert client.get(path)["Location"].startswith("/desk/sign-in/")
    for path in ("/desk/me/codes/", "/desk/me/factors/end/app/"):
        assert client.post(path)["Location"].startswith("/desk/sign-in/")
    session = client.session
    session["half"] = session["half"] | {"at": timezone.now().timestamp() - 601}
    session.save()
    assert client.get("/desk/second/")["Location"].startswith("/desk/sign-in/")
    _password(client, user)
    user.set_password("另一个密码一二三四")  # changed while the door stood half open
    user.save()
    assert client.get("/desk/second/")["Location"].startswith("/desk/sign-in/")


def test_nobody_shows_a_factor_without_the_password(officer_town):
    client = Client()
    for path in ("/desk/second/", "/desk/second/new/"):
        assert client.get(path)["Location"].startswith("/desk/sign-in/")
        assert client.post(path, {"confirm_code": "1"})["Location"].startswith("/desk/sign-in/")


def test_a_role_that_comes_later_sends_back_to_the_door(secretary_east):
    user, client = _with_password(secretary_east), Client()
    _password(client, user)
    assert client.get("/desk/").status_code == 200
    cast.make_grant(user, "town", cast.EAST_TOWN)
    assert client.get("/desk/")["Location"].startswith("/desk/sign-in/")
    assert not Session.objects.filter(user=user).exists()
    assert _password(client, user)["Location"] == "/desk/second/"


def test_a_deleted_session_is_out_at_its_next_request(signed, secretary_east):
    client = signed(secretary_east)
    assert client.get("/desk/").status_code == 200
    Session.objects.all().delete()
    assert client.get("/desk/")["Location"].startswith("/desk/sign-in/")


@pytest.fixture
def stale(data_officer) -> Client:
    """The data officer, whose factor was shown a while ago."""
    return cast.enter(Client(), data_officer.id, fresh=False)


def test_an_export_asks_again_and_loses_nothing(stale, data_officer):
    secret, _ = _with_app(User.objects.get(id=data_officer.id))
    asked = stale.post("/desk/staff/export/?words=褚", {"purpose": "给镇里"})
    assert asked.status_code == 403
    text = asked.content.decode()
    assert 'name="purpose" value="给镇里"' in text
    assert "spreadsheet" not in asked["Content-Type"]
    typed = {"purpose": "给镇里", "confirm": "yes", "confirm_code": "000000"}
    assert stale.post("/desk/staff/export/", typed).status_code == 401
    typed["confirm_code"] = now_code(secret)
    given = stale.post("/desk/staff/export/?words=褚", typed)
    assert "spreadsheet" in given["Content-Type"]
    assert "spreadsheet" in stale.post("/desk/staff/export/")["Content-Type"]
    assert Entry.objects.filter(verb="second.again").count() == 1


def test_showing_it_again_or_coming_in_again_gives_another_session_key(data_officer):
    secret, _ = _with_app(_with_password(data_officer))
    stale = cast.enter(Client(), data_officer.id, fresh=False)
    before = stale.session.session_key
    stale.post("/desk/staff/export/", {"confirm": "yes", "confirm_code": now_code(secret)})
    after = stale.session.session_key
    assert after != before
    assert set(Session.objects.values_list("session_key", flat=True)) == {after}
    _password(stale, User.objects.get(id=data_officer.id))
    stale.post("/desk/second/", {"confirm_code": now_code(secret, 1)})
    assert stale.get("/desk/").status_code == 200
    assert stale.session.session_key != after
    assert not Session.objects.filter(session_key=after).exists()


def test_coming_in_again_by_a_password_gives_another_session_key(secretary_east):
    user, client = _with_password(secretary_east), Client()
    _password(client, user)
    before = client.session.session_key
    _password(client, user)
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_ending_sessions_and_phones_asks_again(secretary_east):
    _with_password(secretary_east)
    client = cast.enter(Client(), secretary_east.id, fresh=False)
    device, _ = cast.make_device(secretary_east)
    there = cast.enter(Client(), secretary_east.id)
    mark = Session.objects.get(session_key=there.session.session_key).mark
    for path in ("sessions/end-others/", f"sessions/{mark}/end/", f"phones/{device.id}/end/"):
        assert client.post(f"/desk/me/{path}").status_code == 403, path
    assert there.get("/desk/").status_code == 200
    typed = {"confirm": "yes", "confirm_password": PASSWORD}
    assert client.post("/desk/me/sessions/end-others/", typed).status_code == 302
    assert there.get("/desk/").status_code == 302


def test_who_was_ended_is_out_at_the_next_request(secretary_east):
    client = cast.enter(Client(), secretary_east.id)
    assert client.get("/desk/").status_code == 200
    User.objects.filter(id=secretary_east.id).update(is_active=False)
    assert client.get("/desk/")["Location"].startswith("/desk/sign-in/")


def test_a_session_key_cannot_be_guessed(secretary_east):
    keys = {cast.enter(Client(), secretary_east.id).session.session_key for _ in range(3)}
    assert len(keys) == 3
    assert all(len(key) * log2(36) >= 128 and key.isalnum() for key in keys)


def test_roles_ask_again(stale, data_officer, secretary_east):
    secret, _ = _with_app(User.objects.get(id=data_officer.id))
    page = stale.get("/desk/accounts/new/")
    assert (page.status_code, 'name="confirm" value="go"' in page.content.decode()) == (
        403,
        True,
    )
    for path in (
        f"/desk/staff/{secretary_east.id}/grant/", f"/desk/staff/{secretary_east.id}/reset/",
        f"/desk/staff/{secretary_east.id}/second/", f"/desk/staff/{secretary_east.id}/link/",
    ):  # fmt: skip
        assert stale.post(path, {"role": "committee"}).status_code == 403, path
    confirmed = stale.post(
        "/desk/accounts/new/?place=" + cast.EAST,
        {"confirm": "go", "confirm_code": now_code(secret)},
    )
    assert confirmed["Location"] == f"/desk/accounts/new/?place={cast.EAST}"
    assert stale.get("/desk/accounts/new/").status_code == 200


def test_a_village_without_a_factor_is_not_asked_for_its_list(secretary_east):
    client = cast.enter(Client(), secretary_east.id, fresh=False)
    assert "spreadsheet" in client.post("/desk/staff/export/")["Content-Type"]


def test_ones_first_own_factor_asks_for_the_password(secretary_east):
    user = _with_password(secretary_east)
    client = cast.enter(Client(), secretary_east.id, fresh=False)
    page = client.get("/desk/me/factors/new/")
    assert (page.status_code, 'name="confirm_password"' in page.content.decode()) == (403, True)
    no = client.post("/desk/me/factors/new/", {"confirm": "go", "confirm_password": "x"})
    assert no.status_code == 401
    client.post("/desk/me/factors/new/", {"confirm": "go", "confirm_password": PASSWORD})
    page = client.post("/desk/me/factors/new/", {"how": "app"}).content.decode()
    typed = {"how": "app", "code": now_code(_typed_key(page))}
    done = client.post("/desk/me/factors/new/", typed).content.decode()
    assert len(re.findall(r'<li class="code">', done)) == 10
    assert factors_of(user.id).any
    own = client.get("/desk/me/").content.decode()
    assert "取消手机验证器" in own
    last = client.post("/desk/me/factors/end/app/")
    assert last.status_code == 422
    assert Authenticator.objects.exists()


def test_an_old_session_of_somebody_with_a_factor_cannot_change_factors(officer_town):
    _with_app(User.objects.get(id=officer_town.id))
    client = cast.enter(Client(), officer_town.id, fresh=False)
    for path in ("/desk/me/codes/", "/desk/me/factors/end/app/", "/desk/me/factors/new/"):
        assert client.post(path).status_code == 403, path
    assert client.session[ENTRY]["fresh"] == 0


def test_a_passkey_answer_that_is_none_is_refused(officer_town):
    user, client = _with_password(officer_town), Client()
    _password(client, user)
    client.get("/desk/second/new/")
    for answer in (
        "",
        "{",
        "[]",
        "null",
        '{"id": "x"}',
        '{"id": 1, "response": {}}',
        "[" * 5000,
    ):
        made = client.post("/desk/second/new/", {"how": "passkey", "passkey": answer})
        assert made.status_code == 422
    _with_app(user)
    client.get("/desk/second/")
    for answer in ("{", "[]", '{"id": "x"}'):
        shown = client.post("/desk/second/", {"confirm_passkey": answer})
        assert shown.status_code == 401
