"""Keys change beside a server under way: killed in the middle, gone on, and an old backup back."""

import json
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.api.served import LIANHU, ROOT, Served, serve
from tests.keeping.phone import Phone


@pytest.fixture
def served(tmp_path):
    server = serve(tmp_path / "var")
    yield server
    server.stop()


def _lianhu(served: Served, *words: str, code: int = 0, more: dict | None = None):
    """What a command prints as JSON."""
    done = subprocess.run(
        [LIANHU, *words, "--json"], cwd=ROOT, env=served.environment | (more or {}),
        capture_output=True, text=True, check=False, timeout=180,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def _used(served: Served) -> dict[int, int]:
    return {row["version"]: row["values"] for row in _lianhu(served, "keys", "list")}


def test_keys_change_beside_a_server_under_way_and_an_older_backup_comes_back(served, tmp_path):
    folder = str(tmp_path / "backups")
    phone = Phone(served, served.enrol("warden"))
    phone.write(1)
    assert phone.round()
    old = _lianhu(served, "backup", folder)["backup"]
    stop, sent = threading.Event(), []

    def traffic() -> None:
        number = 10
        while not stop.is_set():
            sent.append(phone.write(number))
            phone.round()
            number += 1
            time.sleep(0.05)

    thread = threading.Thread(target=traffic, daemon=True)
    thread.start()
    try:
        first = subprocess.Popen(
            [LIANHU, "keys", "rotate"], cwd=ROOT, env=served.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + 60
        while '"2"' not in (served.folder / "keys.json").read_text():
            assert time.monotonic() < until
            time.sleep(0.02)
        first.kill()  # the version is made and not yet used
        first.wait()
        done = _lianhu(served, "keys", "rotate")
    finally:
        stop.set()
        thread.join()
    assert (done["version"], done["resumed"], done["left"]) == (2, True, 0)
    assert (_used(served)[1], _used(served)[2] > 0, phone.round()) == (0, True, True)
    assert set(sent) <= set(served.office("letters")["letters"])
    aside = _lianhu(served, "keys", "retire", "1")["file"]
    left = _lianhu(served, "keys", "list")[0]
    assert (left["version"], "retired" in left, left["phones"]) == (1, True, 1)
    new = _lianhu(served, "backup", folder)["backup"]
    named = [json.loads(Path(b, "manifest.json").read_text())["keys"] for b in (old, new)]
    assert [sorted(keys) for keys in named] == [
        ["ledger", "version 1"],
        ["ledger", "version 2"],
    ]
    refused = _lianhu(served, "restore", old, "--replace", code=1)
    assert refused["code"] == "keeping.other_keys"
    assert _lianhu(served, "keys", "return", aside) == {"version": 1}
    assert _lianhu(served, "restore", old, "--replace")["good"]
    assert (_used(served)[1] > 0, _used(served)[2]) == (True, 0)
    assert _lianhu(served, "check", code=0)["faults"] == []
    assert _lianhu(served, "keys", "rotate")["resumed"]
    assert _used(served)[1] == 0
    _lianhu(served, "keys", "retire", "1")
    assert _lianhu(served, "keys", "forget", "1", "--anyway")["version"] == 1
    assert _lianhu(served, "keys", "forget", "1", code=1)["code"] == "keys.not_retired"
    assert set(_used(served)) == {2}


def test_serve_and_check_refuse_a_ring_that_cannot_open_the_database(served):
    served.stop()
    ring = served.folder / "keys.json"
    content = json.loads(ring.read_text())
    content["versions"]["1"]["secret"] = "ab" * 32
    ring.write_text(json.dumps(content))
    done = subprocess.run(
        [LIANHU, "serve", "--no-migrate", "--port", str(served.port)],
        cwd=ROOT, env=served.environment, capture_output=True, text=True, check=False,
        timeout=60,
    )  # fmt: skip
    assert (done.returncode, "keys.wrong_ring" in done.stderr) == (1, True)
    faults = _lianhu(served, "check", code=1)["faults"]
    assert faults
    assert all("第 1 版" in fault for fault in faults)
    ring.unlink()
    gone = subprocess.run(
        [LIANHU, "serve", "--no-migrate", "--port", str(served.port)],
        cwd=ROOT, env=served.environment, capture_output=True, text=True, check=False,
        timeout=60,
    )  # fmt: skip
    assert (gone.returncode, "keys.missing" in gone.stderr) == (1, True)
