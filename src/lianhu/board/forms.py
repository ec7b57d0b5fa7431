"""The report form: parses what was typed, keeps it when something is wrong."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.signing import BadSignature, Signer

from lianhu.kernel.ids import uuid7
from lianhu.matters.kinds import all_kinds

MOBILE = re.compile(r"1\d{10}")
LANDLINE = re.compile(r"(0\d{2,3})?\d{7,8}")
LONGEST_WORDS = 5000


def _signer(what: str) -> Signer:
    return Signer(salt=f"board.{what}")


def new_number() -> str:
    """A signed id for the matter this form will make: a double tap then makes one, not two."""
    return _signer("number").sign(str(uuid7()))


def number_of(signed: str) -> UUID:
    """The id behind a signature; a fresh one where it is not ours."""
    try:
        return UUID(_signer("number").unsign(signed))
    except (BadSignature, ValueError):
        return uuid7()


def plain_phone(text: str) -> str:
    """The digits of a phone number as typed, full-width signs and spaces allowed; "" if none.

    Signs that nobody sees are none of it: a number copied from an address book stands between two.
    """
    seen = (s for s in unicodedata.normalize("NFKC", text) if unicodedata.category(s) != "Cf")
    digits = re.sub(r"[\s\-()（）－—]", "", "".join(seen))
    digits = digits.removeprefix("+86")
    return digits if MOBILE.fullmatch(digits) or LANDLINE.fullmatch(digits) else ""


class ReportForm(forms.Form):
    """What a villager fills in. Only kind, words and phone are required."""

    group = forms.CharField(required=False, max_length=17)
    top = forms.CharField(max_length=40, error_messages={"required": "请先选一样：是什么事？"})
    category = forms.CharField(required=False, max_length=40)
    words = forms.CharField(
        max_length=LONGEST_WORDS,
        error_messages={
            "required": "请写几个字，说说是什么事。",
            "max_length": f"写得太长了，最多 {LONGEST_WORDS} 个字；写下的都还在。",
        },
    )
    spot = forms.CharField(
        required=False, max_length=200, error_messages={"max_length": "地点最多 200 个字。"}
    )
    about = forms.CharField(
        required=False, max_length=200, error_messages={"max_length": "这里最多 200 个字。"}
    )
    quiet = forms.BooleanField(required=False)
    name = forms.CharField(
        required=False, max_length=50, error_messages={"max_length": "姓名最多 50 个字。"}
    )
    phone = forms.CharField(
        max_length=30,
        error_messages={
            "required": "请留一个电话，办理的人好找您。",
            "max_length": "电话不对：请写 11 位手机号，或者座机号。",
        },
    )
    photo = forms.FileField(
        required=False,
        error_messages={"empty": "照片是空的，请重新选一张。", "invalid": "照片没有传上来。"},
    )
    kept = forms.CharField(required=False)
    number = forms.CharField(required=False)
    website = forms.CharField(required=False)

    def __init__(self, *args: Any, groups: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = frozenset(groups)
        # The hash of a photo that an earlier sending of this form left with us, "" for none.
        self.photo_kept = _kept(str(self.data.get("kept", "")))

    def clean_group(self) -> str:
        """A group of this village, or nothing."""
        code = str(self.cleaned_data["group"])
        if code and code not in self.groups:
            raise forms.ValidationError("请从名单里选一个组，也可以不选。")
        return code

    def clean_top(self) -> str:
        """A top category."""
        code = str(self.cleaned_data["top"])
        kind = all_kinds().get(code)
        if kind is None or kind.top != code:
            raise forms.ValidationError("请先选一样：是什么事？")
        return code

    def clean_phone(self) -> str:
        """The digits alone."""
        digits = plain_phone(str(self.cleaned_data["phone"]))
        if not digits:
            raise forms.ValidationError("电话不对：请写 11 位手机号，或者座机号。")
        return digits

    def clean_website(self) -> str:
        """Nothing: people do not see this box, only programs that fill in every box."""
        if self.cleaned_data["website"]:
            raise forms.ValidationError("这一格请留空。")
        return ""

    def chosen(self) -> str:
        """The finer kind where it belongs to the chosen picture, else the picture's own kind."""
        top, finer = self.cleaned_data["top"], self.cleaned_data["category"]
        kind = all_kinds().get(finer)
        return str(finer if kind is not None and kind.top == top else top)

    def upload(self) -> UploadedFile | None:
        """The photo that came with this sending, if any."""
        found = self.files.get("photo")
        return found if isinstance(found, UploadedFile) and found.size else None


def _kept(signed: str) -> str:
    try:
        return _signer("photo").unsign(signed)
    except BadSignature:
        return ""


def sign_photo(sha256: str) -> str:
    """A photo's hash that only we could have put into the form."""
    return _signer("photo").sign(sha256)
