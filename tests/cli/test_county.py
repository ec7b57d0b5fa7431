"""A real county begins in an empty database, once."""

import json

import pytest
from click.testing import CliRunner
from django.test import Client

from lianhu.accounts.models import Grant, User
from lianhu.cli import main
from lianhu.territory.models import Place

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
    assert client.get("/desk/").headers["Location"] == "/desk/password/"


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
