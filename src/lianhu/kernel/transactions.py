"""One transaction for each action, and one savepoint for each letter of a batch."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from functools import wraps
from threading import Lock
from typing import ParamSpec, TypeVar

from django.db import connection, transaction

_turn = Lock()
Asked = ParamSpec("Asked")
Given = TypeVar("Given")
_shielded: ContextVar[bool] = ContextVar("shielded", default=False)


def one_transaction(action: Callable[Asked, Given]) -> Callable[Asked, Given]:
    """An action that is done whole or not at all.

    Inside `shielded` it needs no savepoint of its own: that block is given up whole anyway, and
    a savepoint costs two of a letter's fourteen trips to the database.
    """

    @wraps(action)
    def run(*args: Asked.args, **kwargs: Asked.kwargs) -> Given:
        if _shielded.get():
            return action(*args, **kwargs)
        with transaction.atomic():
            return action(*args, **kwargs)

    return run


@contextmanager
def one_writer() -> Iterator[None]:
    """A transaction that waits its turn within this process where the database has one writer.

    SQLite's own waiting is a poll with pauses: among four threads the unlucky one waited seconds.
    """
    turn = _turn if connection.vendor == "sqlite" else nullcontext()
    with turn, transaction.atomic():
        yield


@contextmanager
def shielded() -> Iterator[None]:
    """A savepoint that serves every action called inside; whatever they refuse must leave the
    block, so that all of it is undone."""
    token = _shielded.set(True)
    try:
        with transaction.atomic():
            yield
    finally:
        _shielded.reset(token)
