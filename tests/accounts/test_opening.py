"""Accounts are opened, roles given and taken back, passwords reset: in reach, in the ledger."""

from datetime import timedelta

import pytest
from django.test import Client

from lianhu.accounts.actions.grants import appoint, end_grant
from lianhu.accounts.actions.passwords import sign_in
from lianhu.accounts.actions.second import confirm_authenticator, start_authenticator
from lianhu.accounts.actions.users import open_account, reset_password
from lianhu.accounts.models import Grant, User
from lianhu.accounts.queries.staff import get_grant, list_grants
from lianhu.accounts.rules import code_at
from lianhu.audit.models import Entry
from lianhu.audit.queries import versions
from lianhu.kernel.errors import Refusal
from lianhu.kernel.ids import ALPHABET
from tests import cast
from tests.matters.helpers import GRIDS, raised

DAY = timedelta(days=1)
AT = {"at": cast.NOON}
FROM = {"starts_on": cast.TODAY, "at": cast.NOON}


def _code(call, *args, **kwargs):
    with pytest.raises(Refusal) as refused:
        call(*args, **kwargs)
    return refused.value.code


def _open(actor, name="林新", username="lin.xin", role="office", place=cast.EAST_TOWN, kind=""):
    return open_account(actor, name, username, role, place, kind, **FROM)


def test_open_account_makes_a_user_who_signs_in_and_holds_the_role(data_officer):
    user, password = _open(data_officer, kind="housing")
    assert sign_in("lin.xin", password, "10.0.0.1", at=cast.NOON) == user
    actor = cast.actor_again(user.id)
    assert actor.offices == {cast.HOUSING}
    assert actor.holds("matter.handle+office", cast.EAST)
    assert cast.actor_again(user.id, cast.TODAY - DAY).scopes == {}


def test_a_one_time_password_is_random_and_never_kept(data_officer):
    made = [_open(data_officer, username=f"lin{n}", kind="hub")[1] for n in range(20)]
    assert len(set(made)) == 20
    assert {len(password) for password in made} == {12}
    assert set("".join(made)) <= set(ALPHABET)
    kept = str(list(Entry.objects.values())) + str(list(User.objects.values()))
    assert not [password for password in made if password in kept]


def test_open_account_is_in_the_ledger_and_quiet(data_officer):
    before, entries = versions(GRIDS), Entry.objects.count()
    user, _ = _open(data_officer, kind="housing")
    facts = {"role": "office", "user": str(user.id)}
    assert list(
        Entry.objects.order_by("id").values_list("verb", "actor_id", "place_id", "facts")
    )[entries:] == [
        ("account.make", data_officer.id, cast.EAST_TOWN, {}),
        ("grant.make", data_officer.id, cast.EAST_TOWN, facts),
    ]
    assert raised(before) == {}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"place": "610922"}, "account.not_permitted"),
        ({"place": ""}, "place.not_found"),
        ({"place": "610921999", "kind": "hub"}, "place.not_found"),
        ({"role": "king"}, "account.bad_role"),
        ({"role": "secretary"}, "account.bad_role"),
        ({"role": "warden", "place": cast.EAST_GRID}, "account.bad_role"),
        ({"role": "resident", "place": cast.EAST}, "account.bad_role"),
        ({"kind": ""}, "account.bad_office"),
        ({"kind": "petition"}, "account.bad_office"),
        ({"role": "leader", "place": cast.COUNTY, "kind": "petition"}, "account.bad_office"),
        ({"name": " "}, "account.bad_name"),
        ({"name": "林" * 51}, "account.bad_name"),
        ({"name": "林\x00新"}, "account.bad_name"),
        ({"username": "li"}, "account.bad_username"),
        ({"username": "Lin"}, "account.bad_username"),
        ({"username": "1lin"}, "account.bad_username"),
        ({"username": "lin\n"}, ""),
        ({"username": "林新同志"}, "account.bad_username"),
        ({"username": "l" * 31}, "account.bad_username"),
        ({"username": "taken"}, "account.name_taken"),
    ],
)
def test_open_account_refuses_and_leaves_nothing(data_officer, asked, code):
    cast.make_user("早", "taken")
    before = (User.objects.count(), Grant.objects.count(), Entry.objects.count())
    asked = {"kind": "" if asked.get("role") else "hub"} | asked
    if not code:  # blanks around a name are nobody's intention
        assert _open(data_officer, **asked)[0].username == asked["username"].strip()
        return
    assert _code(_open, data_officer, **asked) == code
    assert (User.objects.count(), Grant.objects.count(), Entry.objects.count()) == before


def test_nobody_but_the_data_officer_opens_accounts(
    secretary_east, officer_town, officer_county, leader_county, warden
):
    for actor in (secretary_east, officer_town, officer_county, leader_county, warden):
        asked = {"role": "committee", "place": cast.EAST}
        assert _code(_open, actor, **asked) == "account.not_permitted"
        user = cast.make_user("新")
        given = (user.id, "committee", cast.EAST)
        assert _code(appoint, actor, *given, **FROM) == "account.not_permitted"
    assert not User.objects.filter(username="lin.xin").exists()


def test_appoint_gives_a_second_role_once_and_none_to_oneself(data_officer, handler):
    appoint(data_officer, handler.id, "office", cast.EAST_TOWN, "affairs", **FROM)
    assert cast.actor_again(handler.id).offices == {cast.HOUSING, f"{cast.EAST_TOWN}:affairs"}
    again = (handler.id, "office", cast.EAST_TOWN, "affairs")
    assert _code(appoint, data_officer, *again, **FROM) == "account.granted_already"
    own = (data_officer.id, "county", cast.COUNTY)
    assert _code(appoint, data_officer, *own, **FROM) == "account.own"


def test_a_role_is_taken_back_with_its_last_day_and_does_not_come_back(data_officer, handler):
    grant = Grant.objects.get(user_id=handler.id)
    end_grant(data_officer, grant.id, last_day=cast.TODAY, **AT)
    assert cast.actor_again(handler.id).offices == {cast.HOUSING}
    assert cast.actor_again(handler.id, cast.TODAY + DAY).scopes == {}
    later = {"last_day": cast.TODAY + 9 * DAY, "at": cast.NOON + 2 * DAY}
    assert _code(end_grant, data_officer, grant.id, **later) == "account.grant_ended"
    assert list(list_grants(data_officer, handler.id, on=cast.TODAY)) == [grant]
    assert list(list_grants(data_officer, handler.id, on=cast.TODAY + DAY)) == []


def test_nobody_ends_their_own_role(data_officer):
    grant = Grant.objects.get(user_id=data_officer.id)
    assert _code(end_grant, data_officer, grant.id, last_day=cast.TODAY, **AT) == "account.own"
    grant.refresh_from_db()
    assert grant.ends_on is None


def test_a_line_ends_as_a_posting_and_not_here(data_officer, secretary_east, warden):
    line = Grant.objects.get(user_id=warden.id)
    assert _code(get_grant, data_officer, line.id) == "account.not_found"
    office = Grant.objects.get(user_id=secretary_east.id)
    assert get_grant(data_officer, office.id) == office
    assert _code(get_grant, secretary_east, office.id) == "account.not_found"


def test_reset_password_ends_the_old_one(data_officer, handler):
    user = User.objects.get(id=handler.id)
    user.set_password("correct horse")
    user.save()
    entries = Entry.objects.count()
    _, password = reset_password(data_officer, handler.id, **AT)
    assert _code(sign_in, user.username, "correct horse", "1", **AT) == "account.wrong_password"
    assert sign_in(user.username, password, "1", **AT) == user
    [entry] = Entry.objects.order_by("id").exclude(verb="sign_in.failed")[entries:]
    assert (entry.verb, entry.object_id, entry.facts) == ("account.reset", str(user.id), {})


def test_reset_password_refuses_others_oneself_and_who_reaches_further(
    data_officer, secretary_east, handler
):
    assert _code(reset_password, secretary_east, handler.id, **AT) == "account.not_found"
    assert _code(reset_password, data_officer, data_officer.id, **AT) == "account.own"
    town_data = cast.make_actor("镇数据", ("data", cast.EAST_TOWN))
    high = cast.make_actor("高", ("town", cast.EAST_TOWN), ("county", cast.COUNTY))
    assert _code(reset_password, town_data, high.id, **AT) == "account.not_found"
    User.objects.filter(id=handler.id).update(is_active=False)
    assert _code(reset_password, data_officer, handler.id, **AT) == "account.not_found"


def test_reset_password_leaves_the_second_factor(data_officer, officer_town):
    user = User.objects.get(id=officer_town.id)
    secret = start_authenticator(user, **AT)
    confirm_authenticator(user, code_at(secret, int(cast.NOON.timestamp()) // 30), **AT)
    _, password = reset_password(data_officer, user.id, **AT)
    client = Client()
    typed = {"username": user.username, "password": password}
    assert client.post("/desk/sign-in/", typed)["Location"] == "/desk/second/"
    assert client.get("/desk/").status_code == 302
    assert client.get("/desk/second/new/")["Location"] == "/desk/second/"  # none can be added
