"""A county in a scratch folder, a real server over it, and phones enrolled at it."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg

from tools.pg_cluster import Cluster, free_port
from tools.pg_roles import guarded as make_guarded

LIANHU = Path(sys.executable).with_name("lianhu")


class County:
    """A scratch county on SQLite or a private PostgreSQL, served by `lianhu serve`.

    `guarded` has row-level security on (PostgreSQL); `settings` are those of the county's
    commands; `like` makes it a copy of another county as that is now, which nobody may be serving.
    Use as a context manager: everything that was started is stopped by its id, everything that was
    made is removed.
    """

    def __init__(
        self,
        kind: str,
        *,
        scale: float = 0.02,
        days: int = 365,
        guarded: bool = False,
        settings: str = "lianhu.settings",
        like: "County | None" = None,
    ) -> None:
        self.kind, self.scale, self.days, self.like = kind, scale, days, like
        self.guarded, self.settings = guarded, settings
        self.folder = Path(tempfile.mkdtemp(prefix="lianhu-bench-"))
        owned = kind == "postgres" and like is None
        self.cluster: Cluster | None = Cluster() if owned else like.cluster if like else None
        self.name = "postgres" if like is None else f"copy_{self.folder.name[-8:].lower()}"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.server: subprocess.Popen[bytes] | None = None
        self.build_seconds = 0.0
        self.databases: dict[str, str] = {"DATABASE_URL": ""}

    @property
    def environment(self) -> dict[str, str]:
        """What the county's commands see."""
        return (
            os.environ
            | {
                "LIANHU_VAR": str(self.folder),
                "DJANGO_SETTINGS_MODULE": self.settings,
                "LIANHU_DEMO": "1",
                "LIANHU_UNGUARDED": "1",  # without effect where an owner is named
                "LIANHU_LOG": "WARNING",
                "LIANHU_SECRET_KEY": secrets.token_hex(32),
                "PYTHONPATH": str(Path(__file__).parents[1]),
            }
            | self.databases
        )

    def __enter__(self) -> "County":
        if self.like:
            self._copy(self.like)
            return self
        if self.cluster:
            self.cluster.start()
            self.databases = {"DATABASE_URL": self.cluster.url}
            if self.guarded:
                owner, app = make_guarded(self.cluster.url, "guarded")
                self.databases = {"DATABASE_URL": app, "LIANHU_OWNER_URL": owner}
        self.run("keys")
        start = time.perf_counter()
        self.run("demo", "--scale", str(self.scale), "--days", str(self.days))
        self.build_seconds = time.perf_counter() - start
        return self

    def _copy(self, like: "County") -> None:
        shutil.copytree(like.folder, self.folder, dirs_exist_ok=True)
        if self.cluster:
            with psycopg.connect(self.cluster.url_of("template1"), autocommit=True) as office:
                office.execute(f"CREATE DATABASE {self.name} TEMPLATE {like.name}")
            self.databases = {"DATABASE_URL": self.cluster.url_of(self.name)}

    def run(self, *words: str) -> str:
        """Run a `lianhu` command over this county and give what it printed."""
        done = subprocess.run(  # noqa: S603 - our own command
            [str(LIANHU), *words],
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def serve(self, workers: int = 0) -> "County":
        """Start the server and wait until it is well."""
        words = [str(LIANHU), "serve", "--port", str(self.port), "--workers", str(workers)]
        self.server = subprocess.Popen(  # noqa: S603 - our own command
            words, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2):  # noqa: S310
                    return self
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("the server did not start")

    def processor_seconds(self) -> float:
        """Processor time that the server and its workers have used so far; 0 without /proc."""
        if self.server is None or not Path("/proc/self/stat").exists():
            return 0.0
        used = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                head, _, rest = stat.read_text().rpartition(")")
            except OSError:  # it has just ended
                continue
            fields = rest.split()
            if self.server.pid in (int(head.split()[0]), int(fields[1])):
                used += int(fields[11]) + int(fields[12])
        return used / os.sysconf("SC_CLK_TCK")

    def post(self, path: str, body: object, credential: str = "") -> dict[str, Any]:
        """One JSON request; the answer as a dict."""
        headers = {"Content-Type": "application/json"}
        if credential:
            headers["Authorization"] = f"Bearer {credential}"
        request = urllib.request.Request(  # noqa: S310 - loopback
            self.url + path, json.dumps(body).encode(), headers, method="POST"
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - loopback
            return dict(json.loads(answer.read()))

    def enrol(self, account: str = "warden") -> str:
        """A new phone for a demo account; its credential."""
        token = self.post("/demo/enrol", {"account": account})["token"]
        asked = {"token": token, "device_name": "bench"}
        return str(self.post("/api/phone/enrol", asked)["credential"])

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.server:
            self.server.terminate()
            self.server.wait(timeout=30)
        if self.cluster and not self.like:
            self.cluster.remove()
        shutil.rmtree(self.folder, ignore_errors=True)
