"""PgBouncer before a private PostgreSQL, as large counties have it: in transaction mode, where
each transaction may get another of very few connections."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

import psycopg

from tools.debian import pgbouncer
from tools.pg_cluster import free_port

START_SECONDS = 20


class Pooler:
    """PgBouncer before the database of a URL, with `size` connections to it."""

    def __init__(self, url: str, size: int = 1) -> None:
        found = pgbouncer()
        if found is None:
            raise FileNotFoundError("PgBouncer (pgbouncer) is not installed")
        self.program = found
        self.behind = urlsplit(url)
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="lianhu-pooler-"))
        self.process: subprocess.Popen[bytes] | None = None
        users = self.folder / "users.txt"
        users.write_text(f'"{self.behind.username}" "{self.behind.password}"\n')
        (self.folder / "pgbouncer.ini").write_text(
            "[databases]\n"
            f"* = host={self.behind.hostname} port={self.behind.port}\n"
            "[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =\n"
            f"auth_type = plain\nauth_file = {users}\n"
            f"pool_mode = transaction\ndefault_pool_size = {size}\nmax_client_conn = 200\n"
        )

    @property
    def url(self) -> str:
        """The address of the same database by way of the pooler."""
        at = f"{self.behind.username}:{self.behind.password}@127.0.0.1:{self.port}"
        return self.behind._replace(netloc=at).geturl()

    def __enter__(self) -> "Pooler":
        # It refuses to run as root; as root it runs as the database's own user.
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        if os.geteuid() == 0:
            for path in (self.folder, *self.folder.iterdir()):
                shutil.chown(path, "postgres", "postgres")
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*(user if os.geteuid() == 0 else []), self.program, "pgbouncer.ini"],
                cwd=self.folder, stdout=log, stderr=log,
            )  # fmt: skip
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self.url).close()
            except psycopg.OperationalError as error:
                if self.process.poll() is not None or time.monotonic() > end:
                    said = (self.folder / "log").read_text(errors="replace")[-2000:]
                    raise RuntimeError(said) from error
                time.sleep(0.1)
            else:
                return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)
