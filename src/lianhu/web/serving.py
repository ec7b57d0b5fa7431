"""Run the server: granian, with as many processes as the database bears."""

from django.core.management import call_command
from django.db import connection
from granian import Granian
from granian.constants import Interfaces

from lianhu.kernel.keyring import ring

# Pages, and as many requests of phones, served at once by one process. Two store more letters than four (bench letters): Python
# runs one thread at a time, and each switch costs. SQLite's one process has four, so that a slow
# page holds up no phone.
AT_ONCE = {"sqlite": 4, "postgresql": 2}
RECEIVING = 64  # threads of a process that take in what arrives slowly


def at_once() -> int:
    """How many requests one process serves at once: see `turns`."""
    return AT_ONCE[connection.vendor]


def run_server(
    host: str, port: int, workers: int, application: str = "lianhu.wsgi:served"
) -> None:
    """Serve until stopped. Refuses ``keys.missing``: no key, no start. A worker that dies is
    started again.

    SQLite has one writer, so one process with threads; PostgreSQL gets two processes.
    """
    ring()
    call_command("collectstatic", interactive=False, verbosity=0)
    Granian(
        application,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers or (1 if connection.vendor == "sqlite" else 2),
        blocking_threads=RECEIVING,
        log_access=False,
        respawn_failed_workers=True,
    ).serve()
