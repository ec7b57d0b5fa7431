"""Run the server: granian, with as many processes as the database bears."""

from django.core.management import call_command
from django.db import connection
from granian import Granian
from granian.constants import Interfaces

from lianhu.kernel.seal import ring

THREADS = 4


def run_server(host: str, port: int, workers: int) -> None:
    """Serve until stopped. Refuses ``keys.missing``: no key, no start.

    SQLite has one writer, so one process with threads; PostgreSQL gets two processes.
    """
    ring()
    call_command("collectstatic", interactive=False, verbosity=0)
    sqlite = connection.vendor == "sqlite"
    Granian(
        "lianhu.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers or (1 if sqlite else 2),
        blocking_threads=THREADS,
        log_access=False,
    ).serve()
