"""The tables' owner: who migrates, backs up and runs the daily work; never who serves."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django
from django.conf import settings
from django.db import connections

from lianhu.kernel.scope import Whole, stand_on_nothing, stand_on_whole


def become_owner() -> None:
    """Go on as the tables' owner (LIANHU_OWNER_URL, or whoever DATABASE_URL names) with the whole
    county in sight: for commands."""
    stand_on_whole(Whole.COMMAND)
    _connect_as(settings.LIANHU_OWNER)


def begin_as_owner() -> None:
    """The first thing of a command's fresh process, which then sees what the command sees.

    It stands here, where nothing needs the models: they cannot be loaded before `django.setup`.
    """
    django.setup()
    become_owner()


@contextmanager
def as_owner() -> Iterator[None]:
    """The owner for a while, in a process that then serves."""
    become_owner()
    try:
        yield
    finally:
        stand_on_nothing()
        _connect_as(settings.LIANHU_SERVES)


def _connect_as(role: dict[str, Any]) -> None:
    if not settings.LIANHU_GUARDED:
        return
    connection = connections["default"]
    connection.close()
    connection.settings_dict.update(role)  # the one that every thread's connection reads
