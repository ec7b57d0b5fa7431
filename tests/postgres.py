"""One private PostgreSQL for a whole test run, shared by all its processes."""

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from tools.pg_cluster import Cluster
from tools.pg_roles import CREATE

SHARED = "LIANHU_TEST_DATABASE_URL"


def shared_url() -> str:
    """The address of the run's cluster, started by whoever asks first, gone at their exit.

    Children (xdist's workers) find the address in their environment. The cluster does not wait
    for the disk, which is right for unit tests and for nothing else.
    """
    if SHARED not in os.environ:
        cluster = Cluster(fast=True)
        cluster.start()
        atexit.register(cluster.remove)
        os.environ[SHARED] = cluster.url
    return os.environ[SHARED]


def serve_as_app() -> None:
    """Raise the guards on the run's database and go on as the role that serves."""
    from lianhu.keeping.guards import raise_guards  # noqa: PLC0415 - the settings ask for us

    role = settings.LIANHU_SERVES_AS
    with connection.cursor() as cursor:
        cursor.execute(CREATE.format(role=role))
    raise_guards()
    with connection.cursor() as cursor:
        # Only tests empty tables.
        cursor.execute(f"GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO {role}")
    _be(role)


def serve_as_owner() -> None:
    """As before, to drop the database."""
    _be(None)


@contextmanager
def by_owner() -> Iterator[None]:
    """The owner for a while on this connection, for what no server may do."""
    if not settings.LIANHU_GUARDED:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        yield
        cursor.execute(f"SET ROLE {settings.LIANHU_SERVES_AS}")


def _be(role: str | None) -> None:
    connection.close()
    connection.settings_dict["OPTIONS"]["assume_role"] = role
