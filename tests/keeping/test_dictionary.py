"""The dictionary attack on a stolen dump: every ID number that a county can have is tried.

The attacker holds a backup and our source, but no key. He hashes each candidate in each way that a
product is known to use, also with everything in the backup that looks like a key, and looks for the
result at every byte of the dump. A dump with a bare or salted hash gives up everybody: that shows
that the attack works. Short: the 30,000 numbers of one month, in which the true ones lie;
LIANHU_TEST_CANDIDATES=all: the 35 million of 96 years (some minutes a way).
"""

import gzip
import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from lianhu.kernel.keyring import read_ring
from lianhu.kernel.seal import blind_with
from tests.api.served import LIANHU, ROOT, serve
from tests.keeping.dumped import DAY, numbers

HEX = re.compile(rb"(?:[0-9a-f]{2}){8,}")
SALT = b"lianhu-2026"
Way = Callable[[bytes], bytes]
WHOLE = os.environ.get("LIANHU_TEST_CANDIDATES") == "all"


class Dump:
    """What was stolen, ready to be searched: each eight bytes of it, and each eight in hex."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        inside = [content, *(bytes.fromhex(h.decode()) for h in HEX.findall(content))]
        self.windows = np.unique(np.concatenate([_windows(part) for part in inside]))

    def holds(self, hashes: list[bytes]) -> list[int]:
        """Which of some hashes have their beginning anywhere in the dump."""
        asked = np.frombuffer(b"".join(h[:8] for h in hashes), ">u8").astype(np.uint64)
        there = np.searchsorted(self.windows, asked).clip(max=len(self.windows) - 1)
        return np.flatnonzero(self.windows[there] == asked).tolist()


def _windows(part: bytes) -> np.ndarray:
    if len(part) < 8:
        return np.empty(0, np.uint64)
    views = np.lib.stride_tricks.sliding_window_view(np.frombuffer(part, np.uint8), 8)
    return np.ascontiguousarray(views).view(">u8").ravel().astype(np.uint64)


@pytest.fixture(scope="module")
def stolen(tmp_path_factory) -> tuple[bytes, dict, dict]:
    """All of a backup unpacked, what is looked for with the ring, and its manifest."""
    folder = tmp_path_factory.mktemp("stolen")
    served = serve(folder / "var")
    served.stop()
    filled = subprocess.run(
        [sys.executable, "-m", "tests.keeping.dumped"], cwd=ROOT, env=served.environment,
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    subprocess.run(
        [LIANHU, "backup", folder / "backups"], cwd=ROOT, env=served.environment,
        capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    [backup] = (folder / "backups").glob("2*")
    sought = json.loads(filled.stdout) | {"ring": served.folder / "keys.json"}
    return _unpacked(backup), sought, _manifest(backup)


def _unpacked(backup: Path) -> bytes:
    files = sorted(path for path in backup.rglob("*") if path.is_file())
    return b"\n".join(
        gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for path in files
    )


def _manifest(backup: Path) -> dict:
    return json.loads((backup / "manifest.json").read_text())


def _ways(manifest: dict) -> dict[str, Way]:
    """How a number may have been hashed: bare, salted, named, keyed with what lies about."""
    ways: dict[str, Way] = {
        name: lambda n, name=name: hashlib.new(name, n).digest()
        for name in ("md5", "sha1", "sha256", "sha512", "blake2b")
    }
    lying = [*manifest["keys"].values(), manifest["epoch"], "person.id", "lianhu", ""]
    for text in [SALT, *(value.encode() for value in lying)]:
        ways |= {
            f"sha256 {text!r} before": lambda n, s=text: hashlib.sha256(s + n).digest(),
            f"sha256 {text!r} after": lambda n, s=text: hashlib.sha256(n + s).digest(),
            f"sha256 {text!r}: ": lambda n, s=text: hashlib.sha256(s + b":" + n).digest(),
            f"hmac {text!r}": lambda n, s=text: hmac.digest(s, n, "sha256"),
            f"hmac {text!r} named": lambda n, s=text: hmac.digest(
                s, b"person.id:" + n, "sha256"
            ),
        }
    return ways


def _reversed(dump: Dump, ways: dict[str, Way], candidates: list[str]) -> set[str]:
    """The numbers that the dump gives up."""
    raw = [number.encode() for number in candidates]
    return {candidates[at] for way in ways.values() for at in dump.holds([way(n) for n in raw])}


def _batches() -> Iterator[list[str]]:
    if not WHOLE:
        yield numbers(DAY, 30)
        return
    for year in range(1930, 2026):
        days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
        yield numbers(date(year, 1, 1), days)


@pytest.mark.parametrize(
    "careless",
    [
        lambda n: hashlib.sha256(n).digest(),
        lambda n: hashlib.sha256(SALT + n).digest()[:16],
        lambda n: hashlib.md5(n, usedforsecurity=False).hexdigest().encode(),
        lambda n: hmac.digest(b"lianhu", n, "sha256"),
    ],
    ids=["bare", "one salt for all, cut short", "in hex", "a key that lies about"],
)
def test_the_attack_reverses_every_careless_hash(stolen, careless):
    content, sought, manifest = stolen
    rows = b"".join(b"\x10" + careless(n.encode()) + b"\x04" for n in sought["numbers"])
    dump = Dump(content + rows)
    found = _reversed(dump, _ways(manifest), numbers(DAY, 30))
    assert found == set(sought["numbers"])


def test_the_attack_reverses_nothing_in_our_dump(stolen):
    content, sought, manifest = stolen
    dump, ways, tried = Dump(content), _ways(manifest), 0
    for candidates in _batches():
        found = _reversed(dump, ways, candidates)
        # Eight bytes may be there by chance: one in 2**64 / windows.
        assert found == set()
        tried += len(candidates)
    assert tried >= 30_000
    assert len(ways) >= 40
    assert len(sought["numbers"]) == 40


def test_the_attack_reverses_everything_for_whoever_has_the_ring_too(stolen):
    """So the index is in the dump where the attack looks; only the key keeps it closed."""
    content, sought, _ = stolen
    version = read_ring(sought["ring"]).newest
    way = {"with the key": lambda n: blind_with(version, n.decode(), "person.id")[2:]}
    assert _reversed(Dump(content), way, numbers(DAY, 30)) == set(sought["numbers"])


def test_our_dump_holds_no_number_and_no_sealed_word_in_clear(stolen):
    content, sought, _ = stolen
    assert "刘小山".encode() in content  # the people are in it
    clear = [
        word
        for word in sought["numbers"] + sought["words"]
        for form in (word.encode(), word.encode("utf-16-le"), word.encode().hex().encode())
        if form in content
    ]
    assert clear == []
