"""What a password may be, and how it is kept."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.password_validation import get_default_password_validators

import lianhu.settings
from lianhu.accounts.actions.passwords import change_password, sign_in
from lianhu.accounts.models import User
from lianhu.accounts.rules import signs_left
from lianhu.kernel.errors import NotPermitted, Refusal
from tests import cast
from tests.house.files import ours

OLD = "原来的密码一二三四"
AT = {"at": cast.NOON}
FIELD = re.compile(r"<input[^>]*\btype=\"password\"[^>]*>")
NAMED = re.compile(r"<input[^>]*\bname=\"(?:\w*password|old|new|again)\"[^>]*>")


@pytest.fixture
def user(secretary_east) -> User:
    found = User.objects.get(id=secretary_east.id)
    found.set_password(OLD)
    found.save()
    return found


def _take(user: User, new: str) -> User:
    return change_password(user.id, OLD, new, "10.0.0.1", **AT)


def _refused(user: User, new: str) -> str:
    with pytest.raises(Refusal) as refused:
        _take(user, new)
    return refused.value.code


@pytest.mark.parametrize(
    "new",
    ["九个字加一个就十个", "only lower case words", "8613050917", "...,,,;;;---", "很长" * 64,
     "😀🌾🐂🌳🏔️🌊🌙🌞🍎🍐"],
)  # fmt: skip
def test_any_signs_do(user, new):
    new += "。"
    assert len(new) >= 10
    assert _take(user, new).check_password(new)


def test_a_password_is_taken_as_it_was_typed(user):
    typed = "  Ein Satz mit Rand, und Groß  "
    _take(user, typed)
    assert sign_in(user.username, typed, "10.0.0.1", **AT).id == user.id
    for other in (typed.strip(), typed.lower(), typed[:-1], typed.replace("ß", "ss")):
        with pytest.raises(NotPermitted):
            sign_in(user.username, other, f"10.0.1.{len(other)}", **AT)


def test_more_than_three_thousand_used_passwords_of_our_length_are_refused(user):
    known = {
        word
        for validator in get_default_password_validators()
        for word in validator.passwords
        if len(word) >= 10 and not word.startswith("#")
    }
    assert len(known) > 4_000
    own = (lianhu.settings.BASE_DIR / "catalogue" / "passwords.txt").read_text().split("\n")
    assert sum(not line.startswith("#") for line in own if line) > 3_000
    # One of each end and the middle, none of which our own words would refuse.
    tried = [word for word in sorted(known) if signs_left(word, []) == len(word)]
    for word in (tried[0], tried[len(tried) // 2], tried[-1], "zzzzzzzzzzzz", "Q1W2E3R4T5Y6"):
        assert _refused(user, word) == "account.weak_password", word


@pytest.mark.parametrize(
    "new",
    ["lianhu2026", "LianHu@2026", "hanyin610921", "汉阴县网格村务汉阴县支部", "李东李东李东李东李东",
     "lidong123456", "password12345", "woaini1314520", "密码密码密码密码密码"],
)  # fmt: skip
def test_a_password_of_our_own_words_is_refused(user, new):
    assert _refused(user, new) == "account.weak_password"


def test_signs_left():
    assert signs_left("LianHu2026ab", ["lianhu", "lian"]) == 6
    assert signs_left("aaab", ["aa", ""]) == 2
    assert signs_left("山里的桃花", []) == 5


def test_nobody_must_change_a_password_of_ones_own(user):
    _take(user, "山里的桃花四月开了呀")
    later = cast.NOON + timedelta(days=3650)
    found = sign_in(user.username, "山里的桃花四月开了呀", "10.0.0.1", at=later)
    assert not found.password_is_lent


def test_passwords_are_hashed_slowly_enough():
    assert not hasattr(
        lianhu.settings, "PASSWORD_HASHERS"
    )  # Django's own, the first of which is
    hasher = PBKDF2PasswordHasher()
    assert (hasher.algorithm, hasher.iterations >= 600_000) == ("pbkdf2_sha256", True)
    assert len(hasher.salt()) >= 22


def test_every_field_for_a_password_hides_it_and_lets_helpers_in():
    found = [
        (name, field)
        for name, text in ours(".html")
        if name.startswith("src/lianhu/desk/")
        for field in FIELD.findall(text) + NAMED.findall(text)
    ]
    assert len(found) >= 5
    for name, field in found:
        assert 'type="password"' in field, name
        assert re.search(r'autocomplete="(current|new)-password"', field), name
        assert "onpaste" not in field, name
        assert "maxlength" not in field, name
    stopped = [
        name
        for name, text in ours(".js", ".ts", ".vue")
        if name.startswith("web/") and re.search(r"[\"']paste[\"']|@paste", text)
    ]
    assert stopped == []
