"""A code tells nobody whether a number is known, and opens one household for whoever has it."""

from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lianhu.accounts.models import Attempt
from lianhu.keeping.actions.rotate import rotate
from lianhu.kernel import sms
from lianhu.kernel.errors import Refusal
from lianhu.kernel.ids import uuid7
from lianhu.kernel.keyring import make_ring
from lianhu.kernel.seal import seal
from lianhu.people.models import Household, Person
from lianhu.rights.actions.codes import ask_code, check_code, choose_household, forget_codes
from lianhu.rights.models import SignInCode
from lianhu.rights.queries.own import residents_of_number
from lianhu.rights.rules import plain_code, plain_mobile
from tests import cast
from tests.rights.conftest import NOBODYS, NUMBER, SHARED, Inbox

AT = cast.NOON
HERE = "127.0.0.1"


def _ask(number: str = NUMBER, minutes: int = 0) -> Any:
    return ask_code(number, HERE, at=AT + timedelta(minutes=minutes))


def _refused(code: str, call: Any, *args: Any, **kwargs: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        call(*args, **kwargs)
    assert caught.value.code == code
    return caught.value


def _check(made: Any, code: str, number: str = NUMBER, minutes: int = 1) -> Any:
    return check_code(made, number, code, HERE, at=AT + timedelta(minutes=minutes))


def _other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("10011112222", "10011112222"), ("100-1111-2222", "10011112222"),
        ("＋８６ １００１１１１２２２２", "10011112222"), ("0915-5212345", ""), ("", ""),
        ("١٠٠١١١١٢٢٢٢", ""), ("100111122223", ""),
    ],
)  # fmt: skip
def test_plain_mobile(typed: str, number: str):
    assert plain_mobile(typed) == number


def test_plain_code_takes_what_thumbs_type():
    assert [plain_code(t) for t in ("123456", "123 456", "１２３４５６", "12345", "abcdef", "")] == [
        "123456", "123456", "123456", "", "", "",
    ]  # fmt: skip


def test_a_right_code_opens_the_household_once(numbered: Household, inbox: Inbox):
    made = _ask()
    code = inbox.code
    assert inbox[0][0] == NUMBER
    proven = _check(made, code)
    assert (proven.to_choose, proven.resident.household) == (False, numbered)
    assert proven.resident.person.name == "刘武林"
    _refused("rights.code_over", _check, made, code)


def test_a_code_is_over_after_ten_minutes(numbered: Household, inbox: Inbox):
    made = _ask()
    _refused("rights.code_over", _check, made, inbox.code, minutes=10)
    assert forget_codes(before=AT + timedelta(minutes=11)) == 1


def test_a_code_is_over_after_five_wrong_tries(numbered: Household, inbox: Inbox):
    made = _ask()
    code = inbox.code
    left = [
        _refused("rights.code_wrong", _check, made, _other(code)).details["left"]
        for _ in range(5)
    ]
    assert left == [4, 3, 2, 1, 0]
    _refused("rights.code_over", _check, made, code)


def test_a_code_belongs_to_its_number(numbered: Household, inbox: Inbox):
    made = _ask()
    _refused("rights.code_wrong", _check, made, inbox.code, number=NOBODYS)
    _refused("rights.code_over", _check, uuid7(), inbox.code)


def test_known_and_unknown_numbers_run_the_same_statements(numbered: Household, inbox: Inbox):
    seen = []
    for number in (NUMBER, NOBODYS):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            ask_code(number, f"{HERE}{number}", at=AT)
        seen.append([q["sql"].split("WHERE")[0].split("VALUES")[0] for q in queries])
    assert seen[0] == seen[1]
    assert len(seen[0]) == 8
    sms.wait_until_sent()
    assert [to for to, _ in inbox] == [NUMBER]
    assert SignInCode.objects.count() == 2


def test_a_right_guess_for_a_number_of_nobody_is_refused_as_a_wrong_one(
    numbered: Household, inbox: Inbox
):
    made = _ask()
    code = inbox.code
    Person.objects.filter(household=numbered, relation="02").update(phone_index=b"")
    assert _refused("rights.code_wrong", _check, made, code).details == {"left": 4}


def test_nothing_of_number_or_code_is_kept(numbered: Household, inbox: Inbox):
    _ask()
    row = SignInCode.objects.get()
    text = repr(vars(row)) + repr(list(Attempt.objects.values()))
    assert NUMBER not in text
    assert inbox.code not in text


def test_asking_is_throttled_alike_for_known_and_unknown_numbers(
    numbered: Household, inbox: Inbox
):
    for number in (NUMBER, NOBODYS):
        for _ in range(4):
            _ask(number)
        _refused("throttled", _ask, number)
    assert ask_code(NUMBER, "192.0.2.7", at=AT)  # a stranger's tries do not use up all of hers


def test_without_a_gateway_nobody_is_promised_a_message(numbered: Household, settings: Any):
    settings.LIANHU_SMS = ""
    _refused("rights.no_gateway", _ask)


def test_ended_persons_and_households_get_no_code(numbered: Household):
    assert len(residents_of_number(NUMBER)) == 1
    Household.objects.update(ended_on=cast.TODAY)
    assert residents_of_number(NUMBER) == []
    Household.objects.update(ended_on=None)
    Person.objects.update(ended_on=cast.TODAY)
    assert residents_of_number(NUMBER) == []


def test_two_of_one_household_on_a_number_need_not_choose(numbered: Household, inbox: Inbox):
    for person in Person.objects.filter(household=numbered):
        person.set_phone(NUMBER)
        person.save()
    made = _ask()
    assert _check(made, inbox.code).resident.person.name == "刘武林"


@pytest.fixture
def shared(places: dict[str, str]) -> list[Household]:
    """Two households on one number."""
    homes = [
        cast.make_household(head="刘武林", code="100000001"),
        cast.make_household(cast.WEST_GRID, "马有田", code="100000002"),
    ]
    Household.objects.filter(id=homes[1].id).update(head_initials="myt")
    for home in homes:
        head = cast.head_of(home)
        head.set_phone(SHARED)
        head.save()
    return homes


@pytest.mark.parametrize(("said", "number"), [("lwl", 0), ("MYT", 1), ("100000002", 1)])
def test_whose_number_is_in_two_households_says_which(
    shared: list[Household], inbox: Inbox, said: str, number: int
):
    made = _ask(SHARED)
    proven = _check(made, inbox.code, SHARED)
    assert (proven.resident, proven.to_choose) == (None, True)
    assert choose_household(SHARED, said, at=AT).household == shared[number]


def test_choosing_is_no_way_to_guess(shared: list[Household]):
    cast.make_household(head="别家", code="100000009")
    for said in ("100000009", "", "x", "刘武林", "1"):
        _refused("rights.not_chosen", choose_household, SHARED, said, at=AT)
    _refused("throttled", choose_household, SHARED, "lwl", at=AT)


def test_a_number_of_too_many_households_opens_none(shared: list[Household], inbox: Inbox):
    for name in ("甲", "乙"):
        head = cast.head_of(cast.make_household(head=name))
        head.set_phone(SHARED)
        head.save()
    _ask(SHARED)
    sms.wait_until_sent()
    assert list(inbox) == []


def test_the_migration_indexes_the_numbers_that_are_there(numbered: Household):
    before = dict(Person.objects.values_list("id", "phone_index"))
    for person in Person.objects.all():  # as the ring sealed them then
        person.phone_sealed = seal(person.phone, f"person.phone.{person.id}")
        person.phone_index = b""
        person.save()
    import_module("lianhu.people.migrations.0006_find_by_phone").index_phones(apps, None)
    assert dict(Person.objects.values_list("id", "phone_index")) == before
    assert len(residents_of_number(NUMBER)) == 1


@pytest.fixture
def own_ring(settings: Any, tmp_path: Path) -> None:
    """Keys that a test may change."""
    settings.LIANHU_KEYS = tmp_path / "keys.json"
    make_ring(settings.LIANHU_KEYS)


def test_a_number_is_found_and_a_code_opens_after_the_keys_were_changed(
    own_ring: None, numbered: Household, inbox: Inbox
):
    made = _ask()
    code = inbox.code
    before = bytes(cast.head_of(numbered).phone_index)
    rotate(at=AT, grace=0.0, pause=0.0)
    assert bytes(cast.head_of(numbered).phone_index) != before
    assert [r.household for r in residents_of_number(NUMBER)] == [numbered]
    assert _check(made, code).resident.household == numbered
