"""Coming in by the county's identity provider, against a process that is one, and ones that lie."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from lianhu.accounts.actions.attempts import throttle
from lianhu.accounts.actions.identities import link_identity
from lianhu.accounts.actions.second import confirm_authenticator, start_authenticator
from lianhu.accounts.models import Session, User
from lianhu.accounts.rules import code_at
from lianhu.audit.models import Entry
from lianhu.kernel.provider import find_provider_faults
from tests import cast

PASSWORD = "联户-2026-好用"


def _link(data_officer, actor, provider, subject="s-1"):
    link_identity(data_officer, actor.id, provider.issuer, subject, at=timezone.now())
    provider.become(subject)


def _come(client: Client, provider, next_: str = "/desk/staff/"):
    """Leave for the provider and come back; the answer to the way back."""
    away = client.get("/desk/provider/", {"next": next_})
    assert away.status_code == 302, away.content.decode()
    back = urlsplit(provider.visit(away["Location"]))
    return client.get(f"{back.path}?{back.query}")


def test_a_linked_person_comes_in(provider, data_officer, secretary_east):
    _link(data_officer, secretary_east, provider)
    client = Client()
    assert "县里的统一身份登录" in client.get("/desk/sign-in/").content.decode()
    assert _come(client, provider)["Location"] == "/desk/staff/"
    assert client.get("/desk/staff/").status_code == 200
    assert Session.objects.get(user_id=secretary_east.id).way == "provider"
    assert Entry.objects.get(verb="sign_in.done").facts["way"] == "provider"
    assert "s-1" in client.get("/desk/me/").content.decode()


def test_the_second_factor_is_asked_all_the_same(provider, data_officer, officer_town):
    _link(data_officer, officer_town, provider)
    user, at = User.objects.get(id=officer_town.id), timezone.now() - timedelta(hours=1)
    secret = start_authenticator(user, at=at)
    confirm_authenticator(user, code_at(secret, int(at.timestamp()) // 30), at=at)
    client = Client()
    assert _come(client, provider)["Location"] == "/desk/second/"
    assert client.get("/desk/").status_code == 302
    code = code_at(secret, int(timezone.now().timestamp()) // 30)
    assert client.post("/desk/second/", {"confirm_code": code})["Location"] == "/desk/staff/"
    assert client.get("/desk/").status_code == 200


def test_nobody_is_let_in_who_was_not_linked_and_no_account_is_made(provider, places):
    provider.become("somebody")
    users = User.objects.count()
    client = Client()
    answer = _come(client, provider)
    assert answer.status_code == 422
    assert "somebody" in answer.content.decode()
    assert client.get("/desk/").status_code == 302
    assert User.objects.count() == users
    assert Entry.objects.get(verb="sign_in.failed").facts == {"way": "provider"}


def test_what_is_sent_has_state_nonce_and_a_hashed_verifier(provider, places):
    client = Client()
    asked = parse_qs(urlsplit(client.get("/desk/provider/")["Location"]).query)
    kept = client.session["away"]
    assert asked["state"] == [kept["state"]]
    assert asked["nonce"] == [kept["nonce"]]
    assert asked["code_challenge_method"] == ["S256"]
    assert kept["verifier"] not in str(asked)
    assert asked["response_type"] == ["code"]
    other = parse_qs(urlsplit(Client().get("/desk/provider/")["Location"]).query)
    assert other["state"] != asked["state"]


def test_a_forged_state_another_browser_and_a_second_time_are_refused(
    provider, data_officer, secretary_east
):
    _link(data_officer, secretary_east, provider)
    client = Client()
    back = urlsplit(provider.visit(client.get("/desk/provider/")["Location"]))
    path = f"{back.path}?{back.query}"
    assert Client().get(path).status_code == 422  # somebody else's code, pushed upon a browser
    forged = client.get(f"{back.path}?{back.query.replace('state=', 'state=x')}")
    assert forged.status_code == 422
    assert client.get(path).status_code == 422  # what was remembered is spent
    fresh = Client()
    assert _come(fresh, provider).status_code == 302
    again = Client()
    back = urlsplit(provider.visit(again.get("/desk/provider/")["Location"]))
    path = f"{back.path}?{back.query}"
    assert again.get(path).status_code == 302
    assert again.get(path).status_code == 422  # the code was for once
    assert again.get(f"{back.path}?error=access_denied").status_code == 422


def test_a_code_without_its_verifier_is_refused_by_the_provider(
    provider, data_officer, secretary_east
):
    _link(data_officer, secretary_east, provider)
    client = Client()
    back = urlsplit(provider.visit(client.get("/desk/provider/")["Location"]))
    session = client.session
    session["away"] = session["away"] | {"verifier": "x" * 43}
    session.save()
    assert client.get(f"{back.path}?{back.query}").status_code == 422
    assert client.get("/desk/").status_code == 302


def test_a_token_of_another_sign_in_is_refused(provider, data_officer, secretary_east):
    _link(data_officer, secretary_east, provider)
    client = Client()
    back = urlsplit(provider.visit(client.get("/desk/provider/")["Location"]))
    session = client.session
    session["away"] = session["away"] | {"nonce": "of another"}
    session.save()
    assert client.get(f"{back.path}?{back.query}").status_code == 422


def test_who_comes_back_too_late_is_refused(provider, data_officer, secretary_east):
    _link(data_officer, secretary_east, provider)
    client = Client()
    back = urlsplit(provider.visit(client.get("/desk/provider/")["Location"]))
    session = client.session
    session["away"] = session["away"] | {"at": timezone.now().timestamp() - 601}
    session.save()
    assert client.get(f"{back.path}?{back.query}").status_code == 422


@pytest.mark.parametrize(
    "lie",
    ["issuer", "audience", "party", "expired", "nonce", "key", "none", "shared", "missing"],
)
def test_a_lying_token_is_refused(lie, lying, data_officer, secretary_east):
    provider = lying(lie)
    _link(data_officer, secretary_east, provider)
    client = Client()
    answer = _come(client, provider)
    assert answer.status_code == 422
    assert "没有让这次登录通过" in answer.content.decode()
    assert client.get("/desk/").status_code == 302


@pytest.mark.parametrize("lie", ["names another", "almost", "leads away", "moved"])
def test_a_lying_issuer_is_not_gone_to(lie, lying, places):
    lying(lie)
    assert Client().get("/desk/provider/").status_code == 422


def test_a_provider_that_is_down_leaves_the_password(use, secretary_east):
    use("http://127.0.0.1:9")
    client = Client()
    down = client.get("/desk/provider/", {"next": "/desk/staff/"})
    assert down.status_code == 422
    assert "连不上" in down.content.decode()
    user = User.objects.get(id=secretary_east.id)
    user.set_password(PASSWORD)
    user.save()
    typed = {"username": user.username, "password": PASSWORD}
    assert client.post("/desk/sign-in/", typed)["Location"] == "/desk/"


def test_without_a_provider_nothing_speaks_of_one(client, places, settings):
    assert settings.LIANHU_OIDC_ISSUER == ""
    assert "统一身份" not in client.get("/desk/sign-in/").content.decode()
    assert client.get("/desk/provider/").status_code == 422
    assert client.get("/desk/provider/back/?code=x&state=y").status_code == 422


def test_no_address_that_a_visitor_gives_is_gone_to(provider, places):
    away = Client().get(
        "/desk/provider/", {"next": "https://evil.example", "issuer": "http://x"}
    )
    assert away["Location"].startswith(f"{provider.issuer}/authorize?")
    assert "evil" not in away["Location"]


def test_no_other_page_sends_anybody_there(provider, places):
    for site in ("cross-site", "same-site"):
        client = Client()
        sent = client.get(
            "/desk/provider/", {"next": "/desk/staff/"}, headers={"Sec-Fetch-Site": site}
        )
        assert sent["Location"] == "/desk/sign-in/?next=%2Fdesk%2Fstaff%2F"
        assert "away" not in client.session
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {}):
        sent = Client().get("/desk/provider/", headers=headers)
        assert sent["Location"].startswith(provider.issuer)


def test_no_token_is_kept_or_shown(provider, data_officer, secretary_east):
    _link(data_officer, secretary_east, provider)
    client = Client()
    _come(client, provider)
    kept = str(dict(client.session)) + str(Session.objects.values())
    shown = client.get("/desk/me/").content.decode() + str(client.cookies)
    assert not re.search(r"eyJ[\w-]+\.eyJ", kept + shown)  # how every such token looks


def test_going_there_is_throttled_and_the_password_is_not(provider, secretary_east):
    address = "10.7.7.7"
    for _ in range(300):
        throttle("provider", address, at=timezone.now())
    client = Client(REMOTE_ADDR=address)
    assert client.get("/desk/provider/").status_code == 429
    user = User.objects.get(id=secretary_east.id)
    user.set_password(PASSWORD)
    user.save()
    typed = {"username": user.username, "password": PASSWORD}
    assert client.post("/desk/sign-in/", typed).status_code == 302


def test_faults_of_the_settings_are_told(use, settings):
    assert find_provider_faults() == []
    use("http://id.example")
    assert "https" in find_provider_faults()[0]
    use("https://id.example")
    assert find_provider_faults() == []
    settings.LIANHU_OIDC_SECRET = ""
    assert "LIANHU_OIDC_SECRET" in find_provider_faults()[0]


def test_linking_is_the_data_officers(
    provider, signed_desk, data_officer, secretary_west, officer_town
):
    path = f"/desk/staff/{officer_town.id}/link/"
    assert signed_desk(secretary_west).post(path, {"subject": "s-9"}).status_code == 404
    assert signed_desk(data_officer).post(path, {"subject": "s-9"}).status_code == 302
    page = signed_desk(data_officer).get(f"/desk/staff/{officer_town.id}/").content.decode()
    assert "s-9" in page
    unlink = f"/desk/staff/{officer_town.id}/unlink/"
    assert signed_desk(secretary_west).post(unlink).status_code == 404
    assert signed_desk(data_officer).post(unlink).status_code == 302


@pytest.fixture
def signed_desk():
    return lambda actor: cast.enter(Client(), actor.id)
