"""Whether phones ask for six digits before their copy opens: from a day on, and not in a demo."""

from datetime import date
from typing import Any

import pytest

from lianhu.accounts.rules import asks_digits
from lianhu.kernel.actor import Actor
from tests.api.client import phone_of

BEFORE, FROM = date(2026, 11, 30), date(2026, 12, 1)


@pytest.mark.parametrize(
    ("on", "demo", "asked"),
    [(BEFORE, False, False), (FROM, False, True), (BEFORE, True, False), (FROM, True, False)],
)
def test_asks_digits_from_a_day_on(on: date, demo: bool, asked: bool):
    assert asks_digits(on, demo=demo) is asked


@pytest.mark.parametrize(("demo", "asked"), [(False, True), (True, False)])
def test_a_phone_hears_at_each_contact_whether_to_ask(
    settings: Any, warden: Actor, monkeypatch: pytest.MonkeyPatch, demo: bool, asked: bool
):
    monkeypatch.setattr("lianhu.phone.api.localdate", lambda: FROM)
    settings.LIANHU_DEMO = demo
    phone = phone_of(warden)
    assert phone.post("parcels", {"have": {}}).json()["pin"] is asked
    assert phone.get("me").json()["pin"] is asked
