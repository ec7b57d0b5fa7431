"""A browser signed in as one of the cast."""

from collections.abc import Callable

import pytest
from django.test import Client

from lianhu.kernel.actor import Actor
from tests import cast

Signed = Callable[[Actor], Client]


@pytest.fixture
def signed() -> Signed:
    def sign(actor: Actor) -> Client:
        return cast.enter(Client(), actor.id)

    return sign
