"""Second factors: RFC 6238's own vectors, replays, codes on paper, resets by two people."""

from datetime import timedelta
from math import log2

import pytest

from lianhu.accounts.actions.resets import ask_reset, confirm_reset
from lianhu.accounts.actions.second import (
    CODE_SIGNS,
    check_second,
    confirm_authenticator,
    end_authenticator,
    renew_codes,
    start_authenticator,
)
from lianhu.accounts.models import Authenticator, RecoveryCode, Session, User
from lianhu.accounts.queries.second import factors_of, have_second, list_resets, owes_second
from lianhu.accounts.rules import code_at, key_uri, step_of_code
from lianhu.audit.models import Entry
from lianhu.kernel.errors import Refusal
from lianhu.kernel.ids import ALPHABET, uuid7
from lianhu.territory.models import Place
from tests import cast

AT = {"at": cast.NOON}
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
SEED = b"12345678901234567890"


def _code(call, *args, **more):
    with pytest.raises(Refusal) as refused:
        call(*args, **more)
    return refused.value.code


def now_code(secret: bytes, at=cast.NOON, steps: int = 0) -> str:
    return code_at(secret, int(at.timestamp()) // 30 + steps)


@pytest.fixture
def zhao(officer_town) -> User:
    return User.objects.get(id=officer_town.id)


def _with_app(user: User) -> tuple[bytes, list[str]]:
    """A code app set up an hour ago."""
    at = cast.NOON - 60 * MINUTE
    secret = start_authenticator(user, at=at)
    return secret, confirm_authenticator(user, now_code(secret, at), at=at)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"),
     (1234567890, "89005924"), (2000000000, "69279037"), (20000000000, "65353130")],
)  # fmt: skip
def test_code_at_is_rfc_6238(seconds, code):
    assert code_at(SEED, seconds // 30, digits=8) == code
    assert code_at(SEED, seconds // 30) == code[2:]


def test_step_of_code_takes_one_step_of_drift_and_no_more():
    for away, found in ((-2, None), (-1, 99), (0, 100), (1, 101), (2, None)):
        assert step_of_code(SEED, code_at(SEED, 100 + away), 100, 1) == found
    assert step_of_code(SEED, "", 100, 1) is None
    assert step_of_code(SEED, "一二三四五六", 100, 1) is None


def test_key_uri_is_what_apps_read():
    uri = key_uri(SEED, "zhao", "汉阴县")
    assert uri.startswith("otpauth://totp/%E6%B1%89")
    assert "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" in uri


def test_a_code_is_taken_once_and_none_before_it(zhao):
    secret, _ = _with_app(zhao)
    assert check_second(zhao, now_code(secret), "1", **AT) == "totp"
    assert _code(check_second, zhao, now_code(secret), "1", **AT) == "second.wrong"
    assert _code(check_second, zhao, now_code(secret, steps=-1), "1", **AT) == "second.wrong"
    assert check_second(zhao, now_code(secret, steps=1), "1", **AT) == "totp"


def test_the_code_that_set_the_app_up_does_not_let_in(zhao):
    secret = start_authenticator(zhao, **AT)
    confirm_authenticator(zhao, now_code(secret), **AT)
    assert _code(check_second, zhao, now_code(secret), "1", **AT) == "second.wrong"


def test_an_app_that_was_not_confirmed_is_no_factor(zhao):
    secret = start_authenticator(zhao, **AT)
    assert start_authenticator(zhao, **AT) == secret  # a page loaded again shows the same
    assert not factors_of(zhao.id).any
    assert have_second([zhao.id]) == set()
    assert _code(check_second, zhao, now_code(secret), "1", **AT) == "second.wrong"
    assert _code(confirm_authenticator, zhao, "000000", **AT) == "second.wrong"
    confirm_authenticator(zhao, now_code(secret), **AT)
    assert have_second([zhao.id]) == {zhao.id}
    assert _code(start_authenticator, zhao, **AT) == "second.has_app"
    assert _code(confirm_authenticator, zhao, "000000", **AT) == "second.not_begun"


def test_the_secret_is_sealed(zhao):
    secret, _ = _with_app(zhao)
    assert secret not in bytes(Authenticator.objects.get().secret_sealed)


def test_a_code_on_paper_is_too_long_to_be_tried():
    assert CODE_SIGNS * log2(len(ALPHABET)) >= 112  # else a plain hash of it were not enough


def test_a_recovery_code_is_good_once_however_it_is_typed(zhao):
    _, codes = _with_app(zhao)
    assert len(codes) == len(set(codes)) == 10
    assert not RecoveryCode.objects.filter(code__in=[c.encode() for c in codes]).exists()
    typed = codes[0].lower().replace("-", " ")
    assert check_second(zhao, typed, "1", **AT) == "recovery"
    assert _code(check_second, zhao, codes[0], "1", **AT) == "second.wrong"
    assert factors_of(zhao.id).codes_left == 9
    actor = cast.actor_again(zhao.id)
    fresh = renew_codes(actor, **AT)
    assert _code(check_second, zhao, codes[1], "1", **AT) == "second.wrong"
    assert check_second(zhao, fresh[1], "1", **AT) == "recovery"


def test_wrong_seconds_are_throttled_by_address_and_known_browsers_apart(zhao):
    secret, _ = _with_app(zhao)
    for _ in range(5):
        assert _code(check_second, zhao, "000000", "1", **AT) == "second.wrong"
    assert _code(check_second, zhao, now_code(secret), "1", **AT) == "throttled"
    # From everywhere together: whoever stole the password gets no more than this.
    for n in range(15):
        assert _code(check_second, zhao, "000000", f"1{n}", **AT) == "second.wrong"
    assert _code(check_second, zhao, now_code(secret), "2", **AT) == "throttled"
    # The owner's own browser comes in all the same.
    assert check_second(zhao, now_code(secret), "1", browser="own", **AT) == "totp"
    later = cast.NOON + 61 * MINUTE
    assert check_second(zhao, now_code(secret, later), "1", at=later) == "totp"


def test_failures_are_in_the_ledger_at_no_place(zhao):
    _code(check_second, zhao, "000000", "1", **AT)
    entry = Entry.objects.get(verb="sign_in.second_failed")
    assert (entry.object_id, entry.place_id, entry.facts) == (
        str(zhao.id),
        "",
        {"way": "second"},
    )


def test_who_owes_a_second_factor(
    officer_town, officer_county, data_officer, leader_county, handler,
    secretary_east, supervisor, representative, warden, resident,
):  # fmt: skip
    for actor in (officer_town, officer_county, data_officer, leader_county, handler):
        assert owes_second(actor)
    for actor in (secretary_east, supervisor, representative, warden, resident):
        assert not owes_second(actor)


def test_who_holds_two_villages_owes_one_and_who_holds_a_merged_one_does_not(places):
    both = cast.make_actor("周两村", ("committee", cast.EAST), ("committee", cast.WEST))
    assert owes_second(both)
    Place.objects.create(code="610921104299", name="老村", level="village",
                         parent_id=cast.EAST_TOWN, successor_id=cast.EAST)  # fmt: skip
    merged = cast.make_actor("吴合村", ("secretary", cast.EAST))
    assert len(merged.scopes["desk.use"]) == 2
    assert not owes_second(merged)


def test_the_last_factor_stays(zhao, officer_town):
    assert _code(end_authenticator, officer_town, **AT) == "second.none"
    assert _code(renew_codes, officer_town, **AT) == "second.none"
    _with_app(zhao)
    assert _code(end_authenticator, officer_town, **AT) == "second.last"


def test_a_reset_takes_two_people_and_ends_every_session(zhao, data_officer, officer_county):
    _with_app(zhao)
    cast.session_of(zhao)
    reset = ask_reset(data_officer, zhao.id, **AT)
    assert _code(ask_reset, data_officer, zhao.id, **AT) == "second.asked_already"
    assert _code(confirm_reset, data_officer, reset.id, **AT) == "second.two_people"
    assert factors_of(zhao.id).any
    assert list(list_resets(officer_county, **AT)) == [reset]
    confirm_reset(officer_county, reset.id, **AT)
    found = factors_of(zhao.id)
    assert (found.any, found.codes_left) == (False, 0)
    assert not Session.objects.filter(user=zhao).exists()
    assert _code(confirm_reset, officer_county, reset.id, **AT) == "second.no_reset"
    verbs = list(
        Entry.objects.filter(verb__startswith="second.").values_list("verb", flat=True)
    )
    assert verbs == ["second.app", "second.ask_reset", "second.reset"]


def test_two_accounts_of_one_person_reset_nothing(zhao, data_officer, officer_county):
    _with_app(zhao)
    reset = ask_reset(data_officer, zhao.id, **AT)
    person = uuid7()
    both = User.objects.filter(id__in=[data_officer.id, officer_county.id])
    both.update(person_id=person)
    assert _code(confirm_reset, officer_county, reset.id, **AT) == "second.two_people"
    both.filter(id=data_officer.id).update(person_id=None)
    User.objects.filter(id=zhao.id).update(person_id=person)
    assert _code(confirm_reset, officer_county, reset.id, **AT) == "account.own"
    assert factors_of(zhao.id).any
    both.update(person_id=None)
    confirm_reset(officer_county, reset.id, **AT)


def test_a_reset_is_over_after_three_days(zhao, data_officer, officer_county):
    _with_app(zhao)
    reset = ask_reset(data_officer, zhao.id, **AT)
    late = cast.NOON + timedelta(hours=73)
    assert _code(confirm_reset, officer_county, reset.id, at=late) == "second.no_reset"
    ask_reset(data_officer, zhao.id, at=late)


def test_a_reset_is_refused_to_towns_villages_and_oneself(
    zhao, data_officer, officer_town, secretary_east, secretary_west, officer_county
):
    _with_app(zhao)
    for actor in (secretary_east, secretary_west, officer_town, officer_county):
        assert _code(ask_reset, actor, zhao.id, **AT) == "account.not_found"
    reset = ask_reset(data_officer, zhao.id, **AT)
    for actor in (secretary_east, secretary_west, officer_town):
        assert _code(confirm_reset, actor, reset.id, **AT) == "second.no_reset"
    own = User.objects.get(id=data_officer.id)
    _with_app(own)
    assert _code(ask_reset, data_officer, own.id, **AT) == "account.own"


def test_nothing_to_reset(data_officer, zhao):
    assert _code(ask_reset, data_officer, zhao.id, **AT) == "second.none"
