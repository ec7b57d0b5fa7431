"""What every page of the board is asked with: a browser of nobody, and fresh figures."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from lianhu.board.forms import new_number
from lianhu.kernel.actor import Actor
from lianhu.matters.actions import steps
from lianhu.matters.models import Matter
from tests import cast

Send = Callable[..., Any]


@pytest.fixture(autouse=True)
def _no_cached_figures() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def browser(places: dict[str, str]) -> Client:
    """A phone's browser of somebody without a login."""
    return Client()


@pytest.fixture
def send(browser: Client) -> Send:
    """Send the report form of East; keywords replace what is typed."""

    def sender(village: str = cast.EAST, **typed: Any) -> Any:
        form = {
            "top": "environment",
            "words": "桥头的垃圾堆了三天。",
            "phone": "10012345678",
            "number": new_number(),
        }
        return browser.post(f"/report/?village={village}", form | typed)

    return sender


@pytest.fixture
def answered(resident: Actor, secretary_east: Actor, handler: Actor) -> Matter:
    """A matter of East that the town's housing office has answered."""
    matter = cast.make_matter(resident, category="livelihood.housing", words="屋顶漏雨")
    at = cast.NOON + timedelta(hours=1)
    steps.accept_matter(secretary_east, matter.id, at=at)
    steps.dispatch_matter(secretary_east, matter.id, cast.HOUSING, at=at)
    steps.answer_matter(handler, matter.id, "瓦已经换好，雨天不漏了。", at=at)
    return Matter.objects.get(id=matter.id)


def close(matter: Matter, verifier: Actor, at: Any) -> Matter:
    """Verify and close an answered matter."""
    steps.verify_answer(verifier, matter.id, "", at=at, done=True)
    return steps.close_matter(verifier, matter.id, at=at)
