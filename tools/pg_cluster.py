"""A private PostgreSQL: its own folder and port, started and stopped by whoever needs one.

    with Cluster(fast=True) as cluster:
        os.environ["DATABASE_URL"] = cluster.url

PostgreSQL refuses to run as root, so as root the programs run as the user `postgres`.
"""

import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import TypedDict

# Debian and PGDG, Homebrew on both kinds of Mac, Postgres.app.
PLACES = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql*/bin",
    "usr/local/opt/postgresql*/bin",
    "Applications/Postgres.app/Contents/Versions/*/bin",
)
START_SECONDS = 60
# An acknowledged row may be lost by a power cut: right for unit tests, never for a measurement.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=4GB")


class _Owner(TypedDict, total=False):
    user: int
    group: int
    extra_groups: tuple[int, ...]


def programs() -> Path | None:
    """The folder of the newest `postgres` and `initdb` on this machine, or None."""
    found = [folder for place in PLACES for folder in Path("/").glob(place)]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).parent)
    whole = [folder for folder in found if (folder / "postgres").exists()]
    return max(whole, key=_major, default=None)


def _major(folder: Path) -> int:
    numbers = re.findall(r"\d+", str(folder))
    return int(numbers[0]) if numbers else 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Cluster:
    """One cluster in a temporary folder; `fast` gives up durability."""

    def __init__(self, fast: bool = False, settings: tuple[str, ...] = ()) -> None:
        found = programs()
        if found is None:
            raise FileNotFoundError(
                "PostgreSQL's programs (initdb, postgres) are not installed"
            )
        self.programs = found
        self.settings = (*(FAST if fast else ()), *settings)
        self.port = free_port()
        self.password = secrets.token_hex(16)
        self.folder = Path(tempfile.mkdtemp(prefix="lianhu-pg-"))
        self.server: subprocess.Popen[bytes] | None = None
        self.owner = self._owner()
        self._create()

    @property
    def url(self) -> str:
        """The address of the cluster's first database, password included."""
        return self.url_of("postgres")

    def url_of(self, name: str) -> str:
        """The address of one of the cluster's databases, password included."""
        return f"postgres://lianhu:{self.password}@127.0.0.1:{self.port}/{name}"

    def _owner(self) -> _Owner:
        """Whom the programs run as, for `subprocess`: ourselves, unless we are root."""
        if os.geteuid() != 0:
            return {}
        owner = pwd.getpwnam("postgres")
        os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": ()}

    def _command(self, name: str, *arguments: str) -> list[str]:
        return [str(self.programs / name), *arguments]

    def _create(self) -> None:
        secret = self.folder / "password"
        secret.write_text(self.password)
        if self.owner:
            os.chown(secret, self.owner["user"], self.owner["group"])
        made = subprocess.run(
            self._command(
                "initdb",
                *("-D", str(self.folder / "data"), "-U", "lianhu", "-E", "UTF8"),
                *("--locale=C", "--auth=scram-sha-256", "--no-sync", "--pwfile", str(secret)),
            ),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            **self.owner,
        )
        secret.unlink()
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr[-2000:]}")

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        options = [
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={self.folder}",
            "max_connections=100",
            "timezone=UTC",
            *self.settings,
        ]
        command = self._command("postgres", "-D", str(self.folder / "data"))
        for option in options:
            command += ["-c", option]
        # With setpriv (every Debian has it) the server dies with us even if we are killed.
        guard = ["setpriv", "--pdeathsig", "INT"] if shutil.which("setpriv") else []
        with (self.folder / "log").open("ab") as log:
            self.server = subprocess.Popen(
                [*guard, *command],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self.owner,
            )
        self._wait()

    def _wait(self) -> None:
        ready = self._command("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port))
        end = time.monotonic() + START_SECONDS
        while subprocess.run([*ready, "-d", "postgres"], check=False).returncode:
            if self.server is None or self.server.poll() is not None or time.monotonic() > end:
                raise RuntimeError((self.folder / "log").read_text(errors="replace")[-2000:])
            time.sleep(0.1)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stops the server by its pid: SIGINT is PostgreSQL's fast stop, SIGQUIT a crash."""
        if self.server is None:
            return
        if self.server.poll() is None:
            self.server.send_signal(how)
            try:
                self.server.wait(30)
            except subprocess.TimeoutExpired:
                self.server.kill()
                self.server.wait()
        self.server = None

    def remove(self) -> None:
        """Stops the server and deletes everything it wrote."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "Cluster":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.remove()
