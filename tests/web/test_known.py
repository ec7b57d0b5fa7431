"""Throttling that keeps strangers out and cannot keep everybody out, behind a proxy or not."""

import pytest
from django.conf import settings
from django.core import signing
from django.test import Client

from lianhu.accounts.models import User
from lianhu.web.known import SALT
from tests import cast

PASSWORD = "联户-2026-好用"


def _user(actor) -> User:
    user = User.objects.get(id=actor.id)
    user.set_password(PASSWORD)
    user.save()
    return user


def _try(client: Client, username: str, password: str, **more):
    return client.post("/desk/sign-in/", {"username": username, "password": password}, **more)


@pytest.fixture
def own(secretary_east) -> tuple[Client, User]:
    """A browser by which the secretary came in before, and is out again."""
    user, client = _user(secretary_east), Client()
    assert _try(client, user.username, PASSWORD).status_code == 302
    client.post("/desk/sign-out/")
    return client, user


@pytest.mark.parametrize("proxies", [0, 1])
def test_a_flood_from_ones_own_address_keeps_no_known_browser_out(own, proxies, settings):
    """With no proxy believed in, everybody behind one has one address; with one, the flood comes
    from an office's shared address: either way who came in before comes in again."""
    settings.LIANHU_PROXIES = proxies
    told = {"headers": {"X-Forwarded-For": "10.1.1.1"}}
    client, user = own
    for n in range(60):
        answer = _try(Client(), user.username if n % 2 else f"name{n}", "x", **told)
    assert answer.status_code == 429
    assert _try(Client(), user.username, PASSWORD, **told).status_code == 429
    assert _try(client, user.username, PASSWORD, **told).status_code == 302


def test_behind_a_believed_proxy_others_are_not_touched(own, settings, secretary_west):
    settings.LIANHU_PROXIES = 1
    other = _user(secretary_west)
    for n in range(60):
        _try(Client(), f"name{n}", "x", headers={"X-Forwarded-For": "6.6.6.6, 10.1.1.1"})
    flooded = {"headers": {"X-Forwarded-For": "6.6.6.6, 10.1.1.1"}}
    elsewhere = {"headers": {"X-Forwarded-For": "10.1.1.1, 10.2.2.2"}}
    assert _try(Client(), other.username, PASSWORD, **flooded).status_code == 429
    assert _try(Client(), other.username, PASSWORD, **elsewhere).status_code == 302


def test_without_a_believed_proxy_a_made_up_address_changes_nothing(own):
    _, user = own
    for n in range(6):
        told = {"headers": {"X-Forwarded-For": f"10.1.1.{n}"}}
        answer = _try(Client(), user.username, "x", **told)
    assert answer.status_code == 429


def test_a_whole_office_comes_in_at_eight(secretary_east):
    user = _user(secretary_east)
    codes = {_try(Client(), user.username, PASSWORD).status_code for _ in range(60)}
    assert codes == {302}


def test_a_known_browser_is_throttled_by_itself(own):
    client, user = own
    for _ in range(5):
        assert _try(client, user.username, "x").status_code == 401
    assert _try(client, user.username, PASSWORD).status_code == 429


def test_a_known_browser_is_known_for_its_own_people_only(own, secretary_west):
    client, _ = own
    other = _user(secretary_west)
    for n in range(60):
        _try(Client(), f"name{n}", "x")
    assert _try(client, other.username, PASSWORD).status_code == 429


def test_a_forged_cookie_is_no_known_browser(own):
    client, user = own
    stranger = Client()
    stranger.cookies[settings.LIANHU_KNOWN_COOKIE] = client.cookies[settings.LIANHU_KNOWN_COOKIE].value[:-2] + "xx"
    for _ in range(5):
        assert _try(stranger, user.username, "x").status_code == 401
    assert _try(stranger, user.username, PASSWORD).status_code == 429


def test_a_ticket_for_something_else_is_no_cookie(own):
    client, user = own
    cookie = client.cookies[settings.LIANHU_KNOWN_COOKIE].value
    told = signing.loads(cookie, salt=SALT)
    stranger = Client()
    stranger.cookies[settings.LIANHU_KNOWN_COOKIE] = signing.dumps(told, salt="board.code")
    for _ in range(5):
        assert _try(stranger, user.username, "x").status_code == 401
    assert _try(stranger, user.username, PASSWORD).status_code == 429


def test_the_cookie_names_nobody_and_script_cannot_read_it(own):
    client, user = own
    cookie = client.cookies[settings.LIANHU_KNOWN_COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")
    for told in (user.username, user.name, user.id.hex, str(user.id)):
        assert told not in cookie.value


def test_ipv6_is_counted_by_its_line(secretary_east):
    user = _user(secretary_east)
    for n in range(5):
        _try(Client(REMOTE_ADDR=f"2001:db8:1:2::{n}"), user.username, "x")
    near, far = Client(REMOTE_ADDR="2001:db8:1:2:9::1"), Client(REMOTE_ADDR="2001:db8:1:3::1")
    assert _try(near, user.username, PASSWORD).status_code == 429
    assert _try(far, user.username, PASSWORD).status_code == 302


def test_a_wrong_name_and_a_wrong_password_write_as_much(secretary_east, django_assert_num_queries):
    user = _user(secretary_east)
    cast.make_user("另一个", "other")
    for name in (user.username, "nobody-of-that-name"):
        with django_assert_num_queries(8):
            _try(Client(), name, "x")
