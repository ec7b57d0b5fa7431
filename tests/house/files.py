"""What is in the repository, as the house tests read it."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "lianhu"
# Other people's work, kept as they published it.
FOREIGN = ("web/desk/vendor/", "web/desk/icons/")


# What `tests.never` adds to the repository for a while, or changes in it: path to text.
ADDED: dict[str, str] = {}


def committed() -> tuple[str, ...]:
    """Paths of every file that is in git or would be with the next `git add`."""
    return tuple(sorted({*_listed(), *ADDED}))


@cache
def _listed() -> tuple[str, ...]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = sorted(set(listed.stdout.decode().split("\0")) - {""})
    return tuple(name for name in names if (ROOT / name).is_file())


def text_of(name: str) -> str:
    """The text of one file."""
    return ADDED[name] if name in ADDED else _read(name)


@cache
def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def ours(*endings: str) -> Iterator[tuple[str, str]]:
    """Path and text of our own files with one of the endings; migrations are generated."""
    for name in committed():
        if (
            name.endswith(endings)
            and not name.startswith(FOREIGN)
            and "/migrations/" not in name
        ):
            yield name, text_of(name)


@cache
def imports_of(text: str) -> frozenset[str]:
    """The modules that a module names in its imports, with what it takes from each."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def wings() -> list[str]:
    """The folders of src/lianhu that hold at least one room."""
    rooms = ("actions", "queries", "models", "rules")
    return sorted(
        {
            room.parent.name
            for name in rooms
            for room in (*SRC.glob(f"*/{name}.py"), *SRC.glob(f"*/{name}"))
        }
    )
