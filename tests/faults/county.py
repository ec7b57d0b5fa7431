"""A served county to be broken: the server's processes, its database, its office."""

import atexit
import contextlib
import json
import os
import random
import resource
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from tools.pg_cluster import Cluster, free_port

ROOT = Path(__file__).parents[2]
PATIENCE = 90
FULL = 2_000  # bytes: neither a photo fits, nor a page of SQLite's log
_SEEDED: dict[int, tuple[Path, dict[str, Any]]] = {}


class County:
    """One county on SQLite or on a durable PostgreSQL of its own.

    `mutant` names a fault of our own that the server is started with (see `mutants`).
    """

    def __init__(self, kind: str, folder: Path, mutant: str = "") -> None:
        self.kind, self.folder, self.mutant = kind, folder, mutant
        folder.mkdir(parents=True, exist_ok=True)
        self.cluster = Cluster() if kind == "postgres" else None
        if self.cluster:
            self.cluster.start()
        self.port = free_port()
        self.server: subprocess.Popen[bytes] | None = None
        self.helper: subprocess.Popen[str] | None = None
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("LIANHU_", "DJANGO_"))}
        self.environment = kept | {
            "DATABASE_URL": self.cluster.url if self.cluster else "",
            "DJANGO_SETTINGS_MODULE": "lianhu.settings",
            "LIANHU_UNGUARDED": "1",
            "LIANHU_VAR": str(folder),
            "LIANHU_LOG": "WARNING",
            "LIANHU_SECRET_KEY": secrets.token_hex(16),
            "LIANHU_FAULTS_MUTANT": mutant,
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]),
        }

    def seed(self, phones: int) -> dict[str, Any]:
        """The cast, made once a run for SQLite and copied; its answer."""
        known = _SEEDED.get(phones)
        if self.kind == "sqlite" and known is not None:
            shutil.copytree(known[0], self.folder, dirs_exist_ok=True)
            return known[1]
        seeds: dict[str, Any] = self.office("seed", phones)
        if self.kind == "sqlite":
            self.let_go()
            kept = Path(tempfile.mkdtemp(prefix="lianhu-seeded-"))
            atexit.register(shutil.rmtree, kept, ignore_errors=True)
            shutil.copytree(self.folder, kept, dirs_exist_ok=True)
            _SEEDED[phones] = (kept, seeds)
        return seeds

    def office(self, what: str, *words: Any) -> Any:
        """What a command of `tests.faults.office` answers."""
        if self.helper is None:
            with (self.folder / "office.err").open("a") as errors:
                self.helper = subprocess.Popen(
                    [sys.executable, "-m", "tests.faults.office"], cwd=ROOT,
                    env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                    text=True, stderr=errors,
                )  # fmt: skip
        assert self.helper.stdin is not None
        assert self.helper.stdout is not None
        self.helper.stdin.write(json.dumps({"do": what, "with": words}) + "\n")
        self.helper.stdin.flush()
        line = self.helper.stdout.readline()
        if not line:
            raise RuntimeError((self.folder / "office.err").read_text()[-2000:])
        return json.loads(line)

    def let_go(self) -> None:
        """End the office's helper, and with it its connection to the database."""
        if self.helper is not None:
            self.helper.kill()
            self.helper.communicate()
            self.helper = None

    def run(self, *words: str) -> str:
        """A `lianhu` command over this county."""
        done = subprocess.run(
            [str(Path(sys.executable).with_name("lianhu")), *words],
            env=self.environment, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{words}: {done.stdout[-1500:]} {done.stderr[-1500:]}")
        return done.stdout

    def start(self) -> None:
        """Start the server; does not wait."""
        with (self.folder / "server.err").open("ab") as errors:
            self.server = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.serve", str(self.port)],
                cwd=ROOT, env=self.environment, start_new_session=True,
                stdout=subprocess.DEVNULL, stderr=errors,
            )  # fmt: skip

    def is_well(self) -> bool:
        """Whether /healthz answers."""
        try:
            url = f"http://127.0.0.1:{self.port}/healthz"
            with urllib.request.urlopen(url, timeout=3) as answer:
                return int(answer.status) == 200
        except OSError:
            return False

    def wait(self) -> None:
        """Until the server is well."""
        until = time.monotonic() + PATIENCE
        while not self.is_well():
            if time.monotonic() > until:
                raise TimeoutError((self.folder / "server.err").read_text()[-2000:])
            time.sleep(0.1)

    def processes(self) -> list[int]:
        """The server's processes, the master first."""
        if self.server is None or self.server.poll() is not None:
            return []
        found = [self.server.pid]
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                _, _, rest = stat.read_text().rpartition(")")
                if int(rest.split()[2]) == self.server.pid:  # its process group
                    found.append(int(stat.parent.name))
            except OSError:
                continue
        return [found[0], *sorted(set(found[1:]) - {found[0]})]

    def kill_all(self) -> None:
        """`kill -9` of master and workers."""
        if self.server is not None and self.server.poll() is None:
            os.killpg(self.server.pid, signal.SIGKILL)
            self.server.wait()

    def kill_worker(self, choice: random.Random) -> bool:
        """`kill -9` of one worker; the master starts another, or all is started anew."""
        workers = self.processes()[1:]
        if not workers:
            return False
        os.kill(choice.choice(workers), signal.SIGKILL)
        return True

    def freeze(self, seconds: float) -> None:
        """SIGSTOP of everything for a while, then SIGCONT."""
        if self.server is None or self.server.poll() is not None:
            return
        os.killpg(self.server.pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.killpg(self.server.pid, signal.SIGCONT)

    def fill_disk(self, seconds: float) -> None:
        """The server's disk is full for a while: the kernel refuses to let its processes write
        beyond the first pages of any file, so that a write ends in the middle.

        A small tmpfs would need the right to mount one. PostgreSQL's own disk stays as it is.
        """
        self._bound(FULL)
        time.sleep(seconds)
        self._bound(resource.RLIM_INFINITY)

    def _bound(self, most: int) -> None:
        for process in self.processes():
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(process, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

    def kill_database(self) -> None:
        """PostgreSQL's immediate stop, which is a crash, and its start."""
        if self.cluster:
            self.cluster.stop(signal.SIGQUIT)
            self.cluster.start()

    def close(self) -> None:
        """End everything."""
        self.let_go()
        self.kill_all()
        if self.cluster:
            self.cluster.stop()
