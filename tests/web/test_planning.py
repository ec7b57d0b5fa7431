"""Lists are planned for their own values, letters are prepared."""

import pytest
from django.db import connection

from lianhu.web.planning import planned_for_values

pytestmark = pytest.mark.django_db


def _prepared(marker: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s",
            [f"%{marker}_%"],
        )
        return int(cursor.fetchone()[0])


def _ask(marker: str) -> None:
    with connection.cursor() as cursor:
        for number in range(8):
            cursor.execute(f"SELECT %s::int AS {marker}_x", [number])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans each statement")
def test_planned_for_values_prepares_nothing_and_only_within() -> None:
    with planned_for_values():
        _ask("within")
    _ask("after")
    assert (_prepared("within"), _prepared("after")) == (0, 1)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans each statement")
def test_planned_for_values_ends_with_a_crash() -> None:
    before = connection.connection.prepare_threshold
    with pytest.raises(ZeroDivisionError), planned_for_values():
        1 / 0  # noqa: B018
    assert connection.connection.prepare_threshold == before
