"""Persons' keys lie apart from their backup, and are destroyed again when one is restored."""

import gzip
import json
import subprocess
from datetime import date
from pathlib import Path

import pytest

from lianhu.keeping.store.person_keys import clear_keys, path_of
from tests.api.served import LIANHU, ROOT, Served, serve


@pytest.fixture
def served(tmp_path):
    server = serve(tmp_path / "var")
    yield server
    server.stop()


def _lianhu(served: Served, *words: str, code: int = 0):
    """What a command prints as JSON."""
    done = subprocess.run(
        [LIANHU, *words, "--json"], cwd=ROOT, env=served.environment, capture_output=True,
        text=True, check=False, timeout=180,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def _inside(backup: Path) -> bytes:
    """Everything in a backup's own folder, unpacked."""
    files = [path for path in backup.rglob("*") if path.is_file()]
    return b"".join(
        gzip.decompress(p.read_bytes()) if p.suffix == ".gz" else p.read_bytes() for p in files
    )


def test_a_deletion_reaches_a_backup_of_before_by_its_keys(served, tmp_path):
    folder = tmp_path / "backups"
    secretary = served.seeds["people"]["secretary"]
    before = served.office("persons")
    made = _lianhu(served, "backup", str(folder))
    first = Path(made["backup"])
    assert (made["found"]["by_hand"], made["found"]["keys_due"]) == (True, [])
    own = path_of(folder, first.name)
    # The keys are in their own file and nowhere in the backup, as bytes or as text.
    kept, inside = own.read_bytes(), _inside(first)
    for wrapped in before["wrapped"]:
        assert bytes.fromhex(wrapped) in kept
        assert bytes.fromhex(wrapped) not in inside
        assert wrapped.encode() not in inside
    assert own.stat().st_mode & 0o777 == 0o600
    assert _lianhu(served, "verify", str(folder))["found"]["closed"] == 0
    assert served.office("opens", json.dumps(before["sealed"])) == {"opened": 4}
    served.office("erase_phone", secretary)
    # A dump of the tables of before: with the ring, but without her key, nothing of hers opens.
    assert served.office("opens", json.dumps(before["sealed"])) == {"opened": 2}

    # A whole backup of before has the key. It is destroyed before anybody is let in.
    found = _lianhu(served, "restore", str(folder), "--replace")["found"]
    assert (found["prepared"]["replayed"], found["closed"]) == ({"person.erased": 1}, 0)
    assert served.office("opens", json.dumps(before["sealed"])) == {"opened": 2}
    again = served.office("persons")["clear"]
    assert [[number, phone] for number, phone in again] == [
        [before["clear"][0][0], ""], before["clear"][1],
    ]  # fmt: skip

    # Its own file is gone by its term: the next one opens all but what was sealed with the old key.
    second = Path(_lianhu(served, "backup", str(folder))["backup"])
    own.unlink()
    found = _lianhu(served, "verify", str(first), "--clear-keys")["found"]
    assert (found["closed"], found["keys_due"]) == (2, [])
    found = _lianhu(served, "restore", str(first), "--replace")["found"]
    assert found["closed"] == 2
    assert served.office("persons")["clear"] == [["", ""], before["clear"][1]]
    assert served.office("persons")["faults"] == []

    # Without any file nothing of persons opens, and that is said before anything is touched.
    path_of(folder, second.name).write_bytes(b"spoilt")
    told = _lianhu(served, "verify", str(second), code=1)
    assert [("个人钥匙" in words) for words in told["problems"]] == [True]
    refused = _lianhu(served, "restore", str(second), "--replace", code=1)
    assert refused["code"] == "keeping.no_person_keys"
    assert served.office("persons")["clear"] == [["", ""], before["clear"][1]]
    _lianhu(served, "restore", str(second), "--replace", "--closed")
    assert served.office("persons")["clear"] == [["", ""], ["", ""]]


def test_what_was_forgotten_by_its_term_is_forgotten_by_the_restore_too(served, tmp_path):
    before = served.office("persons")
    served.office("end_first")
    folder = tmp_path / "backups"
    _lianhu(served, "backup", str(folder))
    assert served.office("opens", json.dumps(before["sealed"])) == {"opened": 4}
    assert served.office("expire")["persons"] == 1
    assert served.office("opens", json.dumps(before["sealed"])) == {"opened": 2}
    # The backup has the key and the file that opens it: nobody waits for the next daily run.
    found = _lianhu(served, "restore", str(folder), "--replace")["found"]
    assert served.office("opens", json.dumps(before["sealed"])) == {"opened": 2}
    assert served.office("persons")["clear"] == [["", ""], before["clear"][1]]
    assert found["prepared"]["expired"] == {"persons": 1}


def test_files_of_keys_go_by_their_own_term_but_the_newest(tmp_path):
    days = [f"2026-11-{day:02d}T020000Z" for day in (1, 12, 21, 26)]
    for name in days:
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}")
    for name in (*days, "2026-11-25T020000Z"):  # the backup of the last is gone, or never was
        path_of(tmp_path, name).parent.mkdir(exist_ok=True)
        path_of(tmp_path, name).write_bytes(b"")
    gone = clear_keys(tmp_path, today=date(2026, 11, 27), days=7)
    assert gone == [days[0], days[1], "2026-11-25T020000Z"]
    assert clear_keys(tmp_path, today=date(2027, 11, 27), days=7) == [days[2]]
    assert path_of(tmp_path, days[3]).is_file()
