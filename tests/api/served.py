"""A real `lianhu serve` on a private port and database, and a plain HTTP client for it."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.conf import settings

from tests.postgres import SHARED
from tools.pg_cluster import free_port
from tools.pg_roles import guarded

ROOT = Path(__file__).parents[2]
LIANHU = Path(sys.executable).parent / "lianhu"
PATIENCE = 60  # seconds for a process to come up on a busy machine


@dataclass
class Answer:
    """Status, headers and body of one answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class Served:
    """A running server with its database."""

    folder: Path
    environment: dict[str, str]
    port: int
    process: subprocess.Popen[bytes] | None = None
    seeds: dict[str, Any] = field(default_factory=dict)

    def office(self, *command: str) -> Any:
        """What a command of `tests.api.office` prints."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.api.office", *command],
            cwd=ROOT, env=self.environment, capture_output=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    def start(self) -> None:
        """Start the server and wait until it says that it is well."""
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [LIANHU, "serve", "--no-migrate", "--port", str(self.port)],
                cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            assert self.process.poll() is None, self.log()
            try:
                if self.call("GET", "/healthz").status == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError(self.log())

    def stop(self) -> None:
        """End the server."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)

    def log(self) -> str:
        """What the server wrote."""
        return (self.folder / "log").read_text(errors="replace")

    def call(
        self, method: str, path: str, body: Any = None, credential: str = "", **headers: str
    ) -> Answer:
        """One request; a body that is no bytes goes as JSON."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if data is not None:
            named.setdefault("Content-Type", "application/json")
        if credential:
            named["Authorization"] = f"Bearer {credential}"
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, data, named, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as got:  # noqa: S310 - ours
                return Answer(got.status, _lower(got.headers), got.read())
        except urllib.error.HTTPError as refused:
            with refused:
                return Answer(refused.code, _lower(refused.headers), refused.read())

    def enrol(self, name: str) -> str:
        """The credential of a phone for one of the seeded tokens."""
        asked = {"token": self.seeds["tokens"][name], "device_name": "手机"}
        return str(self.call("POST", "/api/phone/enrol", asked).json["credential"])


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _database(folder: Path) -> dict[str, str]:
    """The addresses of a database of our own, of the kind that this run tests: in the guarded
    part one for the role that serves and one for the owner, as a county has them."""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return {"DATABASE_URL": f"sqlite:///{folder}/served.sqlite3"}
    shared, name = os.environ[SHARED], f"served_{os.getpid()}"
    if settings.LIANHU_GUARDED:
        owner, app = guarded(shared, name)
        return {"DATABASE_URL": app, "LIANHU_OWNER_URL": owner}
    with psycopg.connect(shared, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")
    url = urlsplit(shared)._replace(path=f"/{name}").geturl()
    return {"DATABASE_URL": url, "LIANHU_UNGUARDED": "1"}


def serve(folder: Path, **more: str) -> Served:
    """A seeded, running server with `more` in its environment; the caller stops it."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LIANHU_", "DJANGO_"))}
    environment = (
        kept
        | _database(folder)
        | {
            "DJANGO_SETTINGS_MODULE": "lianhu.settings",
            "LIANHU_VAR": str(folder),
            "LIANHU_SECRET_KEY": "of a server that tests have started and will end",
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]),
        }
    )
    served = Served(folder, environment, free_port())
    served.seeds = served.office("seed")
    served.environment |= more
    served.start()
    return served
