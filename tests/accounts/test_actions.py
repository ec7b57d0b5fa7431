"""Sign in, tokens, devices and grants: throttled, single-use, in reach, in the ledger."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import make_password

from lianhu.accounts.actions.attempts import forget_attempts, throttle
from lianhu.accounts.actions.confirming import confirm_device
from lianhu.accounts.actions.devices import (
    enrol_device,
    issue_token,
    make_enrol_token,
    revoke_device,
    touch_device,
)
from lianhu.accounts.actions.grants import end_grant, grant_role
from lianhu.accounts.actions.passwords import sign_in
from lianhu.accounts.actions.users import make_user
from lianhu.accounts.models import Attempt, Device, EnrolToken, Grant, User
from lianhu.accounts.queries.actors import caller_of
from lianhu.accounts.rules import Told
from lianhu.audit.models import Entry
from lianhu.kernel.errors import Refusal
from tests import cast

MINUTE = timedelta(minutes=1)


def _code(call, *args, **kwargs):
    with pytest.raises(Refusal) as refused:
        call(*args, **kwargs)
    return refused.value.code


@pytest.fixture
def zhang(places):
    user = cast.make_user("张", "zhang")
    user.password = make_password("correct horse")
    user.save()
    return user


def test_sign_in_with_the_right_password(zhang):
    assert sign_in("zhang", "correct horse", "10.0.0.1", at=cast.NOON) == zhang


def test_sign_in_refuses_unknown_name_wrong_password_and_left_alike(zhang):
    nobody = _code(sign_in, "nobody", "x", "10.0.0.1", at=cast.NOON)
    wrong = _code(sign_in, "zhang", "x", "10.0.0.1", at=cast.NOON)
    User.objects.filter(id=zhang.id).update(is_active=False)
    left = _code(sign_in, "zhang", "correct horse", "10.0.0.1", at=cast.NOON)
    assert {nobody, wrong, left} == {"account.wrong_password"}


def test_sign_in_refuses_a_user_who_has_no_password(warden):
    username = User.objects.get(id=warden.id).username
    for password in ("", "!", "x"):
        assert _code(sign_in, username, password, "1", at=cast.NOON) == "account.wrong_password"


@pytest.mark.parametrize("name", ["zhang", "nobody"])
def test_sign_in_hashes_as_often_for_an_unknown_name(zhang, name, monkeypatch):
    from django.contrib.auth.hashers import MD5PasswordHasher  # noqa: PLC0415

    count = []
    original = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda *a, **k: count.append(1) or original(*a, **k)
    )
    _code(sign_in, name, "wrong", "10.0.0.1", at=cast.NOON)
    assert len(count) == 1


def test_sign_in_is_throttled_by_name_and_address_and_then_by_time(zhang):
    for _ in range(5):
        assert (
            _code(sign_in, "zhang", "x", "10.0.0.1", at=cast.NOON) == "account.wrong_password"
        )
    assert _code(sign_in, "zhang", "correct horse", "10.0.0.1", at=cast.NOON) == "throttled"
    assert sign_in("zhang", "correct horse", "10.0.0.2", at=cast.NOON) == zhang
    assert sign_in("zhang", "correct horse", "10.0.0.1", at=cast.NOON + 16 * MINUTE) == zhang


def test_sign_in_well_forgets_the_tries_before(zhang):
    for _ in range(4):
        _code(sign_in, "zhang", "x", "10.0.0.1", at=cast.NOON)
    sign_in("zhang", "correct horse", "10.0.0.1", at=cast.NOON)
    for _ in range(4):
        assert (
            _code(sign_in, "zhang", "x", "10.0.0.1", at=cast.NOON) == "account.wrong_password"
        )


def test_one_address_cannot_try_many_names(zhang):
    for n in range(50):
        _code(sign_in, f"name{n}", "x", "10.0.0.1", at=cast.NOON)
    assert _code(sign_in, "zhang", "correct horse", "10.0.0.1", at=cast.NOON) == "throttled"


def test_throttle_keeps_no_address(places):
    throttle("follow", "203.0.113.9", at=cast.NOON)
    assert b"203" not in bytes(Attempt.objects.get().key)
    assert forget_attempts(before=cast.NOON) == 0
    assert forget_attempts(before=cast.NOON + MINUTE) == 1


def test_a_token_enrols_one_phone_once(secretary_east, warden):
    token = make_enrol_token(secretary_east, warden.id, at=cast.NOON)
    device, credential = enrol_device(token, " 红米 ", "", at=cast.NOON + MINUTE)
    assert (device.user_id, device.name) == (warden.id, "红米")
    confirm_device(secretary_east, device.id, at=cast.NOON + MINUTE)
    assert caller_of(credential, on=cast.TODAY).device_id == device.id
    assert _code(enrol_device, token, "又一部", "", at=cast.NOON + MINUTE) == "enrol.bad_token"
    assert Device.objects.count() == 1
    kept = bytes(Device.objects.get().credential) + bytes(EnrolToken.objects.get().token)
    assert credential.encode() not in kept
    assert token.encode() not in kept


@pytest.mark.parametrize(
    ("after", "enrols"), [(timedelta(0), True), (9 * MINUTE, True), (10 * MINUTE, False)]
)
def test_a_token_lives_ten_minutes(secretary_east, warden, after, enrols):
    token = make_enrol_token(secretary_east, warden.id, at=cast.NOON)
    if enrols:
        enrol_device(token, "手机", "", at=cast.NOON + after)
    else:
        assert _code(enrol_device, token, "手机", "", at=cast.NOON + after) == "enrol.bad_token"


def test_a_token_of_somebody_who_left_enrols_nothing(secretary_east, warden):
    token = make_enrol_token(secretary_east, warden.id, at=cast.NOON)
    User.objects.filter(id=warden.id).update(is_active=False)
    assert _code(enrol_device, token, "手机", "", at=cast.NOON) == "enrol.bad_token"
    assert _code(enrol_device, "unknown", "手机", "", at=cast.NOON) == "enrol.bad_token"


def test_make_enrol_token_refuses_the_next_village(secretary_west, secretary_neighbour, warden):
    for actor in (secretary_west, secretary_neighbour):
        assert _code(make_enrol_token, actor, warden.id, at=cast.NOON) == "account.not_found"
    assert _code(make_enrol_token, warden, warden.id, at=cast.NOON) == "account.not_found"


def test_make_enrol_token_refuses_who_only_used_to_be_posted_here(secretary_east, warden_west):
    """A phone of somebody is his whole reach: a former village gives none of it away."""
    user = User.objects.get(id=warden_west.id)
    cast.make_grant(user, "warden", cast.EAST_GRID, ends_on=cast.LONG_AGO)
    code = _code(make_enrol_token, secretary_east, warden_west.id, at=cast.NOON)
    assert code == "account.not_found"


def test_a_secretary_cannot_enrol_a_phone_for_somebody_above_him(secretary_east, places):
    """Who also holds a post outside the secretary's reach is enrolled by whoever covers both."""
    high = cast.make_actor("高", ("deputy", cast.EAST), ("county", cast.COUNTY))
    assert _code(make_enrol_token, secretary_east, high.id, at=cast.NOON) == "account.not_found"


def test_revoke_device_ends_it_at_once(secretary_east, warden):
    device, credential = cast.make_device(warden)
    revoke_device(secretary_east, device.id, at=cast.NOON)
    assert _code(caller_of, credential, on=cast.TODAY) == "device.unknown"
    assert _code(revoke_device, secretary_east, device.id, at=cast.NOON) == "device.unknown"


def test_revoke_device_refuses_the_next_village(secretary_west, warden):
    device, credential = cast.make_device(warden)
    assert _code(revoke_device, secretary_west, device.id, at=cast.NOON) == "device.unknown"
    assert caller_of(credential, on=cast.TODAY).device_id == device.id


def test_a_device_of_somebody_who_left_is_unknown(warden):
    _, credential = cast.make_device(warden)
    User.objects.filter(id=warden.id).update(is_active=False)
    assert _code(caller_of, credential, on=cast.TODAY) == "device.unknown"


def test_touch_device_writes_at_most_once_an_hour(warden, django_assert_num_queries):
    device, _ = cast.make_device(warden)
    with django_assert_num_queries(0):
        touch_device(device.id, device.seen_at, Told(), at=cast.NOON + 30 * MINUTE)
    touch_device(device.id, device.seen_at, Told(), at=cast.NOON + 61 * MINUTE)
    assert Device.objects.get().seen_at == cast.NOON + 61 * MINUTE


def test_touch_device_keeps_what_a_phone_says_when_it_is_new(warden, django_assert_num_queries):
    device, credential = cast.make_device(warden)
    first, second = cast.NOON + MINUTE, cast.NOON + 2 * MINUTE
    touch_device(device.id, device.seen_at, Told(), Told(5, 1), at=first)
    known = caller_of(credential, on=cast.TODAY).told
    assert known == Told(5, 1)
    with django_assert_num_queries(0):
        touch_device(device.id, first, known, Told(5, 1), at=second)
    touch_device(device.id, first, known, Told(3, 0), at=second)
    device.refresh_from_db()
    assert (device.newest_seq, device.newest_at, device.photos_waiting) == (5, first, 0)


def test_a_phone_enrolled_again_is_the_same_handset_only_of_the_same_person(warden, member):
    old, _ = cast.make_device(warden)
    for actor, handset in ((warden, old.handset), (member, None)):
        user = User.objects.get(id=actor.id)
        token = issue_token(user, made_by=user.id, at=cast.NOON)
        new, _ = enrol_device(token, "手机", "", at=cast.NOON, continues=old.id, first_seq=9)
        assert new.handset == (handset or new.id)


def test_grant_role_gives_the_role_from_its_day_on(data_officer, places):
    user = cast.make_user("新")
    day = cast.TODAY + timedelta(days=1)
    grant_role(data_officer, user.id, "secretary", cast.EAST, starts_on=day, at=cast.NOON)
    assert cast.actor_again(user.id).scopes == {}
    assert cast.actor_again(user.id, day).holds("matter.accept", cast.EAST)
    entry = Entry.objects.latest("id")
    assert (entry.verb, entry.place_id, entry.facts) == (
        "grant.make", cast.EAST, {"role": "secretary", "user": str(user.id)},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("role", "place", "code"),
    [
        ("secretary", cast.EAST_GRID, "account.bad_role"),
        ("secretary", cast.COUNTY, "account.bad_role"),
        ("king", cast.EAST, "account.bad_role"),
        ("county", "610922", "account.not_permitted"),
    ],
)
def test_grant_role_refuses(data_officer, role, place, code):
    user = cast.make_user("新")
    assert (
        _code(
            grant_role, data_officer, user.id, role, place, starts_on=cast.TODAY, at=cast.NOON
        )
        == code
    )


def test_grant_role_refuses_a_user_nobody_knows(data_officer):
    made = {"starts_on": cast.TODAY, "at": cast.NOON}
    assert _code(grant_role, data_officer, uuid4(), "secretary", cast.EAST, **made) == (
        "account.not_found"
    )


def test_a_secretary_grants_lines_in_his_own_village_only(secretary_east, secretary_west):
    user = cast.make_user("新")
    made = {"starts_on": cast.TODAY, "at": cast.NOON}
    grant = grant_role(secretary_east, user.id, "warden", cast.EAST_GRID, **made)
    for role, place in (
        ("warden", cast.WEST_GRID),
        ("secretary", cast.EAST),
        ("county", cast.COUNTY),
    ):
        assert _code(grant_role, secretary_east, user.id, role, place, **made) == (
            "account.not_permitted"
        )
    ended = {"last_day": cast.TODAY, "at": cast.NOON}
    assert _code(end_grant, secretary_west, grant.id, **ended) == "account.not_permitted"
    assert end_grant(secretary_east, grant.id, **ended).ends_on == cast.TODAY


def test_a_secretary_ends_no_grant_that_he_could_not_make(secretary_east):
    """Else he could dismiss his own supervisor, who watches over him."""
    watcher = cast.make_actor("钱监督", ("supervisor", cast.EAST))
    grant = Grant.objects.get(user_id=watcher.id)
    ended = {"last_day": cast.TODAY, "at": cast.NOON}
    assert _code(end_grant, secretary_east, grant.id, **ended) == "account.not_permitted"


def test_make_user_refuses_a_taken_name(places):
    make_user("liu", "刘")
    assert _code(make_user, "liu", "另一个") == "account.name_taken"
    assert not User.objects.get(username="liu").has_usable_password()


def test_issue_token_is_random(warden):
    user = User.objects.get(id=warden.id)
    tokens = {issue_token(user, made_by=user.id, at=cast.NOON) for _ in range(20)}
    assert len(tokens) == 20
