"""How PostgreSQL plans the statements of a page: for the values of this page.

A statement that came often is prepared, and after five runs planned once for any values. For a
letter's statements that is right and saves their planning. For a list it is wrong: a plan for any
range of places takes a county's for as small as a village's, and its pages grew two- and
threefold with ten times the matters.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def planned_for_values() -> Iterator[None]:
    """Statements within are not prepared, so each is planned for its own values. No query; nothing
    to do on SQLite, which plans each statement anyhow."""
    raw = connection.connection
    if connection.vendor != "postgresql" or raw is None:
        yield
        return
    before, raw.prepare_threshold = raw.prepare_threshold, None
    try:
        yield
    finally:
        raw.prepare_threshold = before
