"""Backup, verify and restore through the commands, beside a server under way."""

import hashlib
import json
import shutil
import subprocess
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from tests.api.served import LIANHU, ROOT, Served, serve
from tests.keeping.phone import Phone
from tests.media.test_media import jpeg


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


def _ids(served: Served) -> dict[str, str]:
    """Each letter that the office has, with its outcome."""
    return served.office("letters")["letters"]


def _is_in(served: Served, cookie: str) -> bool:
    """Whether a session still opens the desk."""
    page = served.call("GET", "/desk/", Cookie=f"sessionid={cookie}").body.decode()
    return "忘了密码" not in page


def test_an_older_backup_restored_in_the_middle_of_traffic_loses_nothing_a_phone_holds(
    served, tmp_path
):
    folder = str(tmp_path / "backups")
    phones = [Phone(served, served.enrol(name)) for name in ("warden", "spare")]
    written = [phone.write(n) for phone in phones for n in range(12)]
    assert all(phone.round() for phone in phones)
    old = phones[0].epoch
    _lianhu(served, "backup", folder)
    assert _lianhu(served, "verify", folder)["good"]
    written += [phone.write(n) for phone in phones for n in range(12)]
    assert all(phone.round() for phone in phones)
    stop = threading.Event()
    more: list[str] = []

    def traffic(phone: Phone) -> None:
        number = 100
        while not stop.is_set():
            more.append(phone.write(number))
            phone.round()
            number += 1
            if len(phone.waiting) > 100:  # not reached: no need to write for ever
                time.sleep(0.1)

    threads = [threading.Thread(target=traffic, args=(phone,), daemon=True) for phone in phones]
    for thread in threads:
        thread.start()
    try:
        time.sleep(0.5)
        restored = _lianhu(served, "restore", folder, "--replace")
        time.sleep(0.5)
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
    until = time.monotonic() + 60
    while not all(phone.round() for phone in phones) and time.monotonic() < until:
        time.sleep(0.2)
    assert (
        {phone.epoch for phone in phones} == {restored["found"]["prepared"]["epoch"]} != {old}
    )
    found = _ids(served)
    assert sorted(found) == sorted(written + more)
    assert set(found.values()) == {"stored"}
    count = served.office("count")
    assert count["letters"] == count["matters"] == count["reports"] == len(found)
    assert _lianhu(served, "audit", "verify")["good"]


def test_what_was_revoked_since_the_backup_stays_revoked(served, tmp_path):
    folder = str(tmp_path / "backups")
    credential = served.enrol("warden")
    cookie = served.office("session", served.seeds["people"]["secretary"])["cookie"]
    _lianhu(served, "backup", folder)
    served.office(
        "revoke", served.seeds["people"]["secretary"], served.seeds["people"]["warden"]
    )
    assert served.call("GET", "/api/phone/me", credential=credential).status == 401
    found = _lianhu(served, "restore", folder, "--replace")["found"]
    assert found["prepared"]["replayed"] == {
        "device.revoke": 1, "grant.end": 1, "account.reset": 1,
    }  # fmt: skip
    assert served.call("GET", "/api/phone/me", credential=credential).status == 401
    state = served.office("state", served.seeds["people"]["warden"])
    assert state == {"grants_ended": 1, "usable_password": False, "sessions": 0}
    assert _is_in(served, cookie) is False
    # A second restore of the same backup does the same again.
    again = _lianhu(served, "restore", folder, "--replace")["found"]
    assert again["prepared"]["replayed"] == found["prepared"]["replayed"]


def test_verify_covers_what_phones_may_forget_after_two_proven_backups(served, tmp_path):
    folder = str(tmp_path / "backups")
    phone = Phone(served, served.enrol("warden"))
    phone.write(1)
    phone.round()
    _lianhu(served, "backup", folder)
    _lianhu(served, "verify", folder)
    phone.round()
    assert len(phone.journal) == 1
    phone.write(2)
    phone.round()
    _lianhu(served, "backup", folder)
    _lianhu(served, "verify", folder)
    phone.round()
    # The first letter is in both backups, the second only in one.
    assert [letter["text"].count("2 天") for letter, _, _ in phone.journal.values()] == [1]


def test_a_spoilt_backup_is_refused_and_nothing_is_changed(served, tmp_path):
    folder = tmp_path / "backups"
    phone = Phone(served, served.enrol("warden"))
    phone.write(1)
    phone.round()
    backup = Path(_lianhu(served, "backup", str(folder))["backup"])
    victim = next(p for p in backup.rglob("*.gz") if "letters" in p.name or "sqlite" in p.name)
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)
    found = _lianhu(served, "verify", str(folder), code=1)
    assert (found["good"], len(found["problems"])) == (False, 1)
    refused = _lianhu(served, "restore", str(folder), "--replace", code=1)
    assert refused["code"] == "keeping.damaged"
    assert len(_ids(served)) == 1
    manifest = backup / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"mark": 2', '"mark": 9'))
    assert _lianhu(served, "verify", str(folder), code=1)["code"] == "keeping.bad_manifest"


def test_other_keys_are_told_apart_before_anything_is_touched(served, tmp_path):
    folder = str(tmp_path / "backups")
    _lianhu(served, "backup", folder)
    ring = served.folder / "keys.json"
    content = json.loads(ring.read_text())
    ring.write_text(
        json.dumps(content | {"versions": {"1": {"suite": "aes", "secret": "ab" * 32}}})
    )
    found = _lianhu(served, "verify", folder, code=1)
    assert (found["good"], len(found["problems"])) == (False, 1)
    refused = _lianhu(served, "restore", folder, "--replace", code=1)
    assert refused["code"] == "keeping.other_keys"


def test_restore_without_replace_leaves_a_county_alone_and_fills_an_empty_one(served, tmp_path):
    folder = str(tmp_path / "backups")
    phone = Phone(served, served.enrol("warden"))
    phone.write(1)
    phone.round()
    _lianhu(served, "backup", folder)
    assert _lianhu(served, "restore", folder, code=1)["code"] == "keeping.not_empty"
    served.stop()
    served.office("empty")
    assert _lianhu(served, "restore", folder)["good"]
    served.start()
    assert len(_ids(served)) == 1
    assert Phone(served, phone.credential).round()


def test_a_backup_that_was_cut_off_is_no_backup(served, tmp_path):
    folder = tmp_path / "backups"
    whole = Path(_lianhu(served, "backup", str(folder))["backup"])
    shutil.copytree(whole, folder / ".partial-2099-01-01T000000Z")
    half = folder / "2098-01-01T000000Z"
    shutil.copytree(whole, half)
    (half / "manifest.json").unlink()
    assert _lianhu(served, "verify", str(folder))["backup"] == str(whole)


def test_daily_rehearses_once_a_day_and_clears_what_is_too_old(served, tmp_path):
    folder = tmp_path / "backups"
    served.environment["LIANHU_BACKUPS"] = str(folder)
    first = _lianhu(served, "daily")
    assert (first["rehearsed"], first["rehearsal_problems"]) == (1, 0)
    assert _lianhu(served, "daily")["rehearsed"] == 0
    (whole,) = (p for p in folder.iterdir() if (p / "manifest.json").is_file())
    for name in ("2020-03-01T020000Z", "2020-03-02T020000Z"):
        shutil.copytree(whole, folder / name)
    stray = folder / "media" / "ab" / ("ab" * 32 + ".jpg")
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"x")
    tomorrow = (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S")
    assert _lianhu(served, "daily", "--at", tomorrow)["rehearsed"] == 1
    left = sorted(p.name for p in folder.iterdir() if (p / "manifest.json").is_file())
    assert (len(left), left[0], stray.exists()) == (2, whole.name, False)


def test_daily_goes_on_when_the_folder_cannot_be_written(served, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    served.environment["LIANHU_BACKUPS"] = str(blocked / "backups")
    found = _lianhu(served, "daily")
    assert (found["rehearsed"], found["rehearsal_problems"]) == (1, 1)


def test_several_processes_verify_what_one_does(served):
    phone = Phone(served, served.enrol("warden"))
    for number in range(30):
        phone.write(number)
    phone.round()
    served.stop()
    found = served.office("verify_together")
    assert (found["before"], found["after"]) == (0, ["audit.edited"])
    assert found["entries"] >= 30
    assert found["told"] > 1  # parts, each told when it was done


def test_photos_are_copied_once_checked_and_brought_back(served, tmp_path):
    folder = tmp_path / "backups"
    credential = served.enrol("warden")
    photo = jpeg()
    name = hashlib.sha256(photo).hexdigest()
    assert served.call("PUT", f"/api/phone/media/{name}", photo, credential).status == 201
    assert _lianhu(served, "backup", str(folder))["found"]["photos"] == 1
    pooled = folder / "media" / name[:2] / f"{name}.jpg"
    first = pooled.stat()
    living = served.folder / "media" / name[:2] / f"{name}.jpg"
    assert (living.read_bytes(), living.stat().st_ino != first.st_ino) == (
        pooled.read_bytes(),
        True,
    )
    _lianhu(served, "backup", str(folder))
    assert pooled.stat().st_mtime_ns == first.st_mtime_ns
    living.unlink()
    assert _lianhu(served, "restore", str(folder), "--replace")["found"]["photos"] == 1
    assert living.read_bytes() == pooled.read_bytes()
    pooled.write_bytes(b"spoilt")
    found = _lianhu(served, "verify", str(folder), code=1)
    assert found["problems"] == [f"照片缺了或变了：{name}"]
    # The next backup trusts the pool no more, and mends it from the living photo.
    assert _lianhu(served, "backup", str(folder))["good"]
    assert _lianhu(served, "verify", str(folder))["good"]
    living.unlink()
    # A backup made now cannot hold it whole, and says so.
    pooled.unlink()
    assert len(_lianhu(served, "backup", str(folder), code=1)["problems"]) == 1
