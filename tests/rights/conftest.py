"""A gateway whose messages a test can read, and a household with numbers."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lianhu.kernel import sms
from lianhu.people.models import Household
from tests import cast

NUMBER, SHARED, NOBODYS = "10011112222", "10033334444", "10099990000"


class Inbox(list[tuple[str, str]]):
    """Number and text of every message sent."""

    @property
    def code(self) -> str:
        """The digits of the latest message."""
        sms.wait_until_sent()
        found = re.search(r"\d{6}", self[-1][1])
        assert found
        return found[0]


@pytest.fixture
def inbox(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    """Messages arrive here: a gateway like any other."""
    box = Inbox()
    monkeypatch.setitem(sms.GATEWAYS, "inbox", lambda to, text: box.append((to, text)))
    settings.LIANHU_SMS = "inbox"
    yield box
    sms.wait_until_sent()


@pytest.fixture
def home(places: dict[str, str]) -> Household:
    """Of EAST_GRID: a head with NUMBER, a wife, a grandchild under age with a number."""
    return cast.make_household(
        head="刘武林",
        members=[
            {"name": "张桂花", "relation": "10", "sex": "2", "phone": "10055556666",
             "id_number": cast.make_id_number(501)},
            {"name": "刘小军", "relation": "41", "born_on": cast.TODAY.replace(year=2016),
             "phone": "10077778888", "id_number": cast.make_id_number(502)},
        ],
    )  # fmt: skip


@pytest.fixture
def numbered(home: Household) -> Household:
    """The same, its head reached under NUMBER."""
    head = cast.head_of(home)
    head.set_phone(NUMBER)
    head.save()
    return home


Queries = Callable[[int], Any]
