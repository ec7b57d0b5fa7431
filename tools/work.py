"""Work done in steps: a plain line for each, a log behind it, a stamp so a repeat is free."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
VAR = ROOT / "var"
STAMPS = VAR / "stamps"
LOGS = VAR / "log"
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / "python"
PHONE = ROOT / "web" / "phone"
TAIL = 25  # lines of a failed step's log shown on the screen

_began = time.monotonic()


class Stop(SystemExit):
    """Ends the work with one line that says what the person can do."""

    def __init__(self, line: str) -> None:
        print(f"lianhu: {line}", file=sys.stderr, flush=True)
        super().__init__(1)


def say(line: str) -> None:
    """One line of progress with the seconds since the start."""
    print(f"[{time.monotonic() - _began:5.1f} s] {line}", flush=True)


def environment(**more: str) -> dict[str, str]:
    """The caller's environment with our virtual environment first on the path."""
    path = os.pathsep.join([str(BIN), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, "VIRTUAL_ENV": str(VENV), **more}


def run(
    name: str, command: list[str], cwd: Path = ROOT, more: dict[str, str] | None = None
) -> None:
    """Runs a command quietly into var/log/<name>.log; on failure shows its end and stops."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{name}.log"
    with log.open("wb") as out:
        code = subprocess.call(
            command,
            cwd=cwd,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environment(NO_COLOR="1", **(more or {})),
        )
    if code:
        lines = log.read_text(errors="replace").splitlines()
        print("\n".join(lines[-TAIL:]), file=sys.stderr)
        raise Stop(f"{name} failed; the whole log is in {log.relative_to(ROOT)}.")


def fingerprint(*inputs: str | Path) -> str:
    """A hash of texts, files and folders (by content, so a fresh checkout changes nothing)."""
    digest = hashlib.sha256()
    for given in inputs:
        if isinstance(given, str):
            digest.update(given.encode() + b"\0")
            continue
        for file in _files(given):
            digest.update(str(file.relative_to(ROOT)).encode() + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _files(given: Path) -> Iterable[Path]:
    if given.is_file():
        return [given]
    skipped = {"node_modules", "dist", "__pycache__", "coverage"}
    return sorted(
        file
        for file in given.rglob("*")
        if file.is_file() and not skipped.intersection(file.relative_to(given).parts)
    )


def step(
    name: str, says: str, inputs: str, product: Path | None, action: Callable[[], None]
) -> bool:
    """Does `action` unless its inputs are those of last time and its product is there.

    `inputs` is a fingerprint. Gives whether anything was done. The stamp is written last, so
    an interrupted step is done again.
    """
    last = STAMPS / name
    fresh = last.is_file() and last.read_text() == inputs
    if fresh and (product is None or product.exists()):
        return False
    say(says)
    last.unlink(missing_ok=True)
    action()
    stamp(name, inputs)
    return True


def stamp(name: str, inputs: str) -> None:
    """Notes that a step was done for these inputs."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / name).write_text(inputs)
