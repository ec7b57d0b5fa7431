"""What is shown of a name, an ID number and a phone by default."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianhu.kernel.masking import mask_id, mask_name, mask_phone


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("刘武林", "刘*林"),
        ("刘林", "刘*"),
        ("刘", "刘"),
        ("欧阳小春", "欧**春"),
        ("", ""),
        ("买买提·艾力", "买****力"),
    ],
)
def test_mask_name_keeps_the_family_name_and_the_last_sign(name, shown):
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [("999321195005010018", "****0018"), ("", ""), ("12", "****12")]
)
def test_mask_id_keeps_four_signs(number, shown):
    assert mask_id(number) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13812345678", "138****5678"),
        ("", ""),
        ("12345", "****"),
        ("09158212345", "091****2345"),
    ],
)
def test_mask_phone_keeps_three_and_four(number, shown):
    assert mask_phone(number) == shown


@given(st.text("0123456789", min_size=11, max_size=11))
def test_mask_phone_never_shows_the_middle(number):
    assert mask_phone(number)[3:7] == "****"
