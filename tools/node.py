"""Node and npm: the system's when new enough, otherwise from PyPI into the environment."""

import json
import shutil
import subprocess
from pathlib import Path

from tools.work import BIN, PYTHON, ROOT, Stop, environment, fingerprint, run, step

OLDEST = (20, 19)  # what Vite asks for; engines in web/phone/package.json says the same
LOCK = ROOT / "tools" / "node.lock"


def version(node: str) -> tuple[int, ...] | None:
    """`(20, 19, 1)` of a node program, or None when it does not run."""
    try:
        printed = subprocess.run(
            [node, "-p", "JSON.stringify(process.versions.node)"],
            capture_output=True,
            check=True,
            env=environment(),
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return tuple(int(part) for part in json.loads(printed.stdout).split(".")[:3])


def _good(node: str | None, npm: str | None) -> bool:
    return bool(node and npm and (version(node) or (0,)) >= OLDEST)


def ensure() -> str:
    """Makes `node` and `npm` answer inside `environment()`; gives the version as text."""
    path = environment()["PATH"]
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if not _good(node, npm):
        command = [str(PYTHON), "-m", "pip", "install", "-q", "--no-deps", "--require-hashes"]
        step(
            "node",
            "Node from PyPI (none new enough on this machine)",
            fingerprint(LOCK),
            BIN / "node",
            lambda: run("node", [*command, "-r", str(LOCK)]),
        )
        node = str(BIN / "node")
    found = version(node or "node")
    if found is None or found < OLDEST:
        raise Stop("no working Node: install Node 20.19 or newer and run again.")
    return ".".join(str(part) for part in found)


def npm() -> str:
    """The npm program that `ensure` settled on."""
    found = shutil.which("npm", path=environment()["PATH"])
    if found is None:
        raise Stop("npm is missing beside node: install npm and run again.")
    return str(Path(found))
