"""A browser signed in as one of the cast."""

from collections.abc import Callable

import pytest
from django.test import Client

from lianhu.accounts.models import User
from lianhu.kernel.actor import Actor

Signed = Callable[[Actor], Client]


@pytest.fixture
def signed() -> Signed:
    def sign(actor: Actor) -> Client:
        client = Client()
        client.force_login(User.objects.get(id=actor.id))
        return client

    return sign
