"""A connection that tells row-level security the scope of whoever is asking.

The scope is set for one transaction only (`set_config(…, true)`), so that a pooler that hands the
connection to somebody else hands no scope with it. It goes out in one packet with the statement
that needs it: a statement outside a transaction makes one of its own together with it (PostgreSQL
takes everything up to a Sync as one transaction), and neither costs a trip to the database.
"""

import os
from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base
from django.db.backends.postgresql.base import ServerBindingCursor  # type: ignore[attr-defined]
from psycopg.pq import TransactionStatus

from lianhu.kernel.scope import NOTHING, current, ground

TELL = "SELECT set_config('lianhu.scope', %s, true), set_config('lianhu.person', %s, true)"
TOLD = "-c lianhu.scope="
# Statements that touch rows; others (SAVEPOINT, SET, CREATE DATABASE) need no scope.
ROWS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "(SELEC", "DECLAR", "EXPLAI")


class Cursor(ServerBindingCursor):  # type: ignore[misc]
    """Tells the scope before a statement, where the transaction has not heard it yet."""

    def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
        """As Django's, with the scope told in the same packet."""
        text = query if isinstance(query, str) else ""
        if text.startswith("ROLLBACK TO"):
            self.connection.told = None  # undone with whatever was told since the savepoint
        if not text.lstrip()[:6].upper().startswith(ROWS) or not _must_tell(self.connection):
            return super().execute(query, params, **more)
        with self.connection.pipeline():
            _tell(self.connection)
            return super().execute(query, params, **more)

    def executemany(self, query: Any, params: Any, **more: Any) -> Any:
        """As Django's, in a transaction of its own where there is none."""
        alone = self.connection.info.transaction_status == TransactionStatus.IDLE
        with self.connection.transaction() if alone else nullcontext():
            if _must_tell(self.connection):
                _tell(self.connection)
            return super().executemany(query, params, **more)

    def copy(self, statement: Any, params: Any = None, **more: Any) -> Any:
        """As psycopg's; a table under row-level security takes no COPY in: see `kernel.bulk`."""
        if _must_tell(self.connection):
            _tell(self.connection)
        return super().copy(statement, params, **more)


def _must_tell(connection: Any) -> bool:
    """Whether the transaction under way, or the one that begins now, has not heard the scope."""
    if connection.info.transaction_status == TransactionStatus.IDLE:
        connection.told = connection.standing
    return bool(connection.told != current())


def _tell(connection: Any) -> None:
    scope = current()
    with connection.cursor() as teller:
        ServerBindingCursor.execute(teller, TELL, (scope.told, scope.person))
    connection.told = None if connection.autocommit else scope


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, with our cursor."""

    def get_connection_params(self) -> Any:
        """A process that stands on the whole county says so when it connects: its backups and
        walks through whole tables then need no telling. A pooler takes no such options: whoever
        comes by one (a service that knows no owner) tells it with each transaction."""
        known = super().get_connection_params()
        known["cursor_factory"] = Cursor
        pooled = self.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]
        if ground() is not NOTHING and (settings.LIANHU_OWNER_URL or not pooled):
            before = os.environ.get("PGOPTIONS", "")
            known["options"] = f"{before} {TOLD}{ground().told}".strip()
        return known

    def get_new_connection(self, conn_params: Any) -> Any:
        """As Django's, of our class."""
        stands = ground() if TOLD in conn_params.get("options", "") else NOTHING
        connection = super().get_new_connection(conn_params)
        # What it sees by itself, and what the transaction under way was told.
        connection.standing, connection.told = stands, None
        return connection
