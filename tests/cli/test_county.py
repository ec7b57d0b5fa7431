"""A real county begins in an empty database, once."""

import json

import pytest
from click.testing import CliRunner
from django.test import Client

from lianhu.accounts.actions.second import confirm_authenticator, start_authenticator
from lianhu.accounts.models import Grant, Session, User
from lianhu.accounts.queries.second import factors_of
from lianhu.accounts.rules import code_at
from lianhu.audit.models import Entry
from lianhu.cli import main
from lianhu.territory.models import Place
from tests import cast

pytestmark = pytest.mark.django_db
WORDS = ["county", "start", "610921", "--name", "王数据", "--username", "wangshuju", "--json"]


def test_start_writes_the_places_and_one_account_that_must_change_its_password():
    done = CliRunner().invoke(main, WORDS)
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert (told["county"], told["places"]) == ("汉阴县", 161)
    assert Place.objects.count() == 161
    assert Place.objects.filter(level="town").count() == 10
    user = User.objects.get()
    assert (user.username, user.name, user.password_is_lent) == ("wangshuju", "王数据", True)
    assert [(g.role, g.place_id) for g in Grant.objects.all()] == [("data", "610921")]
    client = Client()
    entered = client.post(
        "/desk/sign-in/", {"username": "wangshuju", "password": told["password"]}
    )
    assert entered.status_code == 302
    assert entered.headers["Location"] == "/desk/second/"
    assert client.get("/desk/second/").headers["Location"] == "/desk/second/new/"


def test_start_refuses_a_second_county_and_leaves_the_first():
    CliRunner().invoke(main, WORDS)
    again = CliRunner().invoke(main, WORDS)
    assert (again.exit_code, json.loads(again.output)["code"]) == (1, "county.there_already")
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("code", "username", "refusal"),
    [
        ("610922", "wang", "place.no_divisions"),
        ("../../x", "wang", "place.no_divisions"),
        ("610921", "王", "account.bad_username"),
    ],
)
def test_start_refuses_in_words_and_writes_nothing(code, username, refusal):
    words = ["county", "start", code, "--name", "王", "--username", username, "--json"]
    done = CliRunner().invoke(main, words)
    assert (done.exit_code, json.loads(done.output)["code"]) == (1, refusal)
    assert Place.objects.count() == 0


def test_clear_second_lets_the_only_data_officer_set_one_up_anew():
    CliRunner().invoke(main, WORDS)
    user = User.objects.get()
    words = ["county", "clear-second", "wangshuju", "--json"]
    none = CliRunner().invoke(main, words)
    assert (none.exit_code, json.loads(none.output)["code"]) == (1, "second.none")
    secret = start_authenticator(user, at=cast.NOON)
    confirm_authenticator(user, code_at(secret, int(cast.NOON.timestamp()) // 30), at=cast.NOON)
    cast.session_of(user)
    done = CliRunner().invoke(main, words)
    assert (done.exit_code, json.loads(done.output)) == (0, {"name": "王数据"})
    assert not factors_of(user.id).any
    assert not Session.objects.exists()
    assert Entry.objects.get(verb="second.reset").object_id == str(user.id)
    nobody = CliRunner().invoke(main, ["county", "clear-second", "nobody", "--json"])
    assert json.loads(nobody.output)["code"] == "account.not_found"
