"""Builds the demo county once and serves it: `python -m tools.demo [--fresh]`.

The county is built beside its final place and moved there when it is whole, so an interrupted
build leaves nothing half done. A database that this tool did not make is never touched.
"""

import os
import secrets
import subprocess
import sys
from pathlib import Path

from tools.work import (
    BIN,
    ROOT,
    STAMPS,
    VAR,
    Stop,
    environment,
    fingerprint,
    run,
    say,
    stamp,
    step,
)

LIANHU = str(BIN / "lianhu")
FOLDER = Path(os.environ.get("LIANHU_VAR", VAR))
COUNTY = FOLDER / "lianhu.sqlite3"
STAMP = STAMPS / "demo"
BUILT_BY = STAMPS / "demo-version"


def _settings() -> dict[str, str]:
    """The demo's settings: what the caller set, and its own secret and keys, made once."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    secret = FOLDER / "secret"
    if not secret.is_file():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(48))
    ours = {"LIANHU_DEMO": "1", "LIANHU_SECRET_KEY": secret.read_text()}
    if os.environ.get("DATABASE_URL"):  # made-up people need no role of the server's own
        ours["LIANHU_UNGUARDED"] = "1"
    return {**ours, **{k: os.environ[k] for k in ours if os.environ.get(k)}}


def _call(settings: dict[str, str], *command: str) -> None:
    """Runs one of our own programs on the screen; its failure is ours."""
    code = subprocess.call(command, cwd=ROOT, env=environment(**settings))
    if code:
        raise SystemExit(code)


def _remove(database: Path) -> None:
    for end in ("", "-wal", "-shm"):
        database.with_name(database.name + end).unlink(missing_ok=True)


def _build_here(settings: dict[str, str]) -> None:
    """The demo county in a file of its own, moved into place when whole."""
    if COUNTY.exists():
        raise Stop(
            f"{COUNTY} is there, but is no demo county made here. Move it away, or name "
            "another folder in LIANHU_VAR, and run again."
        )
    building = FOLDER / "demo-being-built.sqlite3"
    _remove(building)
    apart = {**settings, "DATABASE_URL": f"sqlite:{building.resolve()}"}
    _call(apart, LIANHU, "demo")
    building.rename(COUNTY)


def _build_there(settings: dict[str, str]) -> None:
    """The demo county in the database that DATABASE_URL names."""
    _call(settings, LIANHU, "demo")


def _forget() -> None:
    if os.environ.get("DATABASE_URL"):
        raise Stop("only the demo county in var/ can be forgotten; DATABASE_URL names another.")
    if STAMP.is_file():
        _remove(COUNTY)
        STAMP.unlink()


def _say_if_older() -> None:
    """One line when this version would build another county than the one that is there."""
    version = fingerprint(ROOT / "src" / "lianhu" / "demo", ROOT / "catalogue" / "territory")
    if not BUILT_BY.is_file() or STAMP.stat().st_mtime > BUILT_BY.stat().st_mtime:
        stamp(BUILT_BY.name, version)
    elif BUILT_BY.read_text() != version:
        say("This demo county is of an earlier version; `make fresh-demo` builds a new one.")


def main() -> None:
    """Brings the demo county up to date and becomes its server."""
    if "--fresh" in sys.argv[1:]:
        _forget()
    settings = _settings()
    run("keys", [LIANHU, "keys"], more=settings)
    elsewhere = os.environ.get("DATABASE_URL", "")
    product, build = (None, _build_there) if elsewhere else (COUNTY, _build_here)
    step(
        "demo",
        "The demo county: real places, made-up people",
        fingerprint(elsewhere, str(FOLDER.resolve())),
        product,
        lambda: build(settings),
    )
    _say_if_older()
    port = os.environ.get("PORT") or "8000"
    say(f"Lianhu is on http://127.0.0.1:{port}/ (demo accounts: /demo/). Ctrl-C ends it.")
    os.execve(  # noqa: S606 - the server takes this process's place and its signals
        LIANHU, [LIANHU, "serve", "--port", port], environment(**settings)
    )


if __name__ == "__main__":
    main()
