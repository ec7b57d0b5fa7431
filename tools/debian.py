"""The system's programs: found, installed on Debian when we may, or named in one line."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from tools import pg_cluster
from tools.work import Stop, run, say

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def may_install() -> bool:
    """Whether this is Debian (or a child of it) and we are its administrator."""
    return (
        Path("/etc/debian_version").exists()
        and shutil.which("apt-get") is not None
        and hasattr(os, "geteuid")
        and os.geteuid() == 0
    )


def install(packages: list[str]) -> None:
    """Installs Debian packages without questions, refreshing the lists first if needed."""
    say(f"Debian packages: {' '.join(packages)}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    tried = subprocess.run(
        command, env={**os.environ, **quiet}, capture_output=True, check=False
    )
    if tried.returncode:
        run("apt-update", ["apt-get", "update", "-q"], more=quiet)
        run("apt-install", command, more=quiet)


def _chromium() -> bool:
    return any(shutil.which(name) for name in BROWSERS)


def _chinese_letters() -> bool:
    if shutil.which("fc-list") is None:
        return False
    listed = subprocess.run(
        ["fc-list", ":lang=zh-cn", "family"], capture_output=True, check=False
    )
    return bool(listed.stdout.strip())


def _postgresql() -> bool:
    return pg_cluster.programs() is not None


def pgbouncer() -> str | None:
    """Where PgBouncer is, or None; Debian puts it where no ordinary user looks."""
    return shutil.which(
        "pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    )


# What the tests need, the Debian package that brings it, and how to see that it is there.
FOR_TESTS: list[tuple[str, Callable[[], bool]]] = [
    ("chromium", _chromium),
    ("fonts-noto-cjk", _chinese_letters),
    ("fontconfig", lambda: shutil.which("fc-list") is not None),
    ("postgresql", _postgresql),
    ("pgbouncer", lambda: pgbouncer() is not None),
]


def ensure_for_tests() -> None:
    """Installs what the tests lack, or stops with one line that names it."""
    missing = [package for package, present in FOR_TESTS if not present()]
    if not missing:
        return
    if not may_install():
        raise Stop(
            f"the tests need {', '.join(missing)} (Debian's names): install them "
            f"(Debian, as root: apt-get install {' '.join(missing)}) and run again."
        )
    install(missing)
    still = [package for package, present in FOR_TESTS if not present()]
    if still:
        raise Stop(f"installed, but not found afterwards: {', '.join(still)}.")
