"""Sets the house up from nothing but Python: `python3 -m tools.setup [tests]`, safe to repeat.

Each step is stamped with a hash of what it depends on, so a second run takes a second.
Only the standard library is used here: nothing else is there yet.
"""

import json
import subprocess
import sys

from tools import debian, node
from tools.work import (
    PHONE,
    PYTHON,
    ROOT,
    STAMPS,
    VAR,
    VENV,
    Stop,
    fingerprint,
    run,
    say,
    stamp,
    step,
)

OLDEST_PYTHON = (3, 11)
LOCK = ROOT / "requirements.lock"
GRIDS = ROOT / "src" / "lianhu" / "grids"
PIP = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]


def _works() -> bool:
    """Whether the environment is there, has pip and is new enough."""
    test = f"import sys, pip; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    try:
        return subprocess.run([str(PYTHON), "-c", test], capture_output=True).returncode == 0
    except OSError:
        return False


def _make_environment() -> None:
    try:
        import ensurepip  # noqa: F401, PLC0415 - Debian keeps it in a package of its own
    except ImportError:
        package = f"python3.{sys.version_info.minor}-venv"
        if not debian.may_install():
            raise Stop(
                f"Python's venv is missing: install it (Debian, as root: apt-get install "
                f"{package}) and run again."
            ) from None
        debian.install([package])
    run("venv", [sys.executable, "-m", "venv", "--clear", str(VENV)])


def environment() -> None:
    """The virtual environment with exactly the locked packages, and this project in it."""
    ours = STAMPS / "venv"
    if not _works():
        ours.unlink(missing_ok=True)
    elif not ours.exists():  # somebody made it with another tool: keep it
        stamp("venv", _home())
    if step("venv", "Python environment in .venv", _home(), PYTHON, _make_environment):
        for name in ("packages", "project", "node", "engine"):  # they went with the old one
            (STAMPS / name).unlink(missing_ok=True)
    step(
        "packages",
        "Python packages, as locked",
        fingerprint(LOCK),
        PYTHON,
        lambda: run("packages", [*PIP, "--require-hashes", "-r", str(LOCK)]),
    )
    step(
        "project",
        "Lianhu itself into the environment",
        fingerprint(ROOT / "pyproject.toml"),
        PYTHON.parent / "lianhu",
        lambda: run("project", [*PIP, "--no-build-isolation", "-e", str(ROOT)]),
    )


def engine() -> None:
    """The division's machine code, which whoever divides first would wait half a minute for."""
    step(
        "engine",
        "Division into grids: machine code",
        fingerprint(GRIDS, LOCK, _home()),
        None,
        lambda: run("engine", [str(PYTHON), "-m", "lianhu.grids.machine_code"]),
    )


def _home() -> str:
    """Where the environment is and for which Python: a moved one does not work."""
    return fingerprint(sys.version, str(ROOT))


def phone() -> None:
    """The phone app, built."""
    if not (PHONE / "package-lock.json").is_file():
        raise Stop("web/phone/package-lock.json is missing: this checkout is incomplete.")
    version = node.ensure()
    packages = fingerprint(PHONE / "package.json", PHONE / "package-lock.json", version)
    step(
        "phone-packages",
        "Phone app: packages",
        packages,
        PHONE / "node_modules",
        lambda: run("phone-packages", [node.npm(), "ci", "--no-audit", "--no-fund"], PHONE),
    )
    step(
        "phone-build",
        "Phone app: build",
        fingerprint(PHONE, ROOT / "contracts", version),
        PHONE / "dist" / "index.html",
        lambda: run("phone-build", [node.npm(), "run", "build"], PHONE),
    )


def main() -> None:
    """`tests` adds what only the tests need."""
    asked = set(sys.argv[1:])
    if unknown := asked - {"tests"}:
        raise Stop(f"set-up knows only `tests`, not {json.dumps(sorted(unknown))}.")
    VAR.mkdir(exist_ok=True)
    environment()
    engine()
    phone()
    if "tests" in asked:
        debian.ensure_for_tests()
    say("Set up.")


if __name__ == "__main__":
    main()
