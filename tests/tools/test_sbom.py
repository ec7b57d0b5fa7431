"""What is installed is what the locks say, and the bill of materials names all of it."""

import base64
import hashlib
import json
import subprocess
import zipfile

import pytest

from tools import sbom, setup, work

FIRST = b"print('as locked')\n"


def test_the_bill_in_the_repository_is_that_of_the_locks():
    assert sbom.FILE.read_text() == sbom.bill(*sbom.LOCKS)


def test_the_bill_names_every_package_with_a_hash():
    found = json.loads(sbom.bill(*sbom.LOCKS))["components"]
    assert all(one["hashes"] for one in found)
    names = {one["purl"].partition("@")[0] for one in found}
    assert {"pkg:pypi/django", "pkg:pypi/pillow", "pkg:npm/vue", "pkg:npm/dexie"} <= names
    pinned = [
        line.split()[0] for line in sbom.LOCKS[0].read_text().splitlines() if "==" in line
    ]
    pinned = [name for name in pinned if "==" in name]
    assert len([one for one in found if one["purl"].startswith("pkg:pypi/")]) == len(
        set(pinned)
    )


def test_a_package_without_a_hash_is_refused(tmp_path, capsys):
    lock = tmp_path / "requirements.lock"
    lock.write_text("django==5.2.19 \\\n    --hash=sha256:" + "a" * 64 + "\nevil==1.0\n")
    with pytest.raises(work.Stop):
        sbom.bill(lock, sbom.LOCKS[1])
    assert "evil" in "".join(capsys.readouterr())
    phone = tmp_path / "package-lock.json"
    phone.write_text(json.dumps({"packages": {"node_modules/evil": {"version": "1"}}}))
    with pytest.raises(work.Stop):
        sbom.bill(sbom.LOCKS[0], phone)
    assert "evil" in "".join(capsys.readouterr())


def _wheel(folder, code):
    path = folder / "locked-1.0-py3-none-any.whl"
    parts = {
        "locked.py": code,
        "locked-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: locked\nVersion: 1.0\n",
        "locked-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(text).digest()).decode().rstrip('=')},{len(text)}\n"
        for name, text in parts.items()
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        archive.writestr("locked-1.0.dist-info/RECORD", record)
    return path


def test_the_set_up_installs_no_package_that_was_changed(tmp_path):
    assert setup.PIP[1:4] == ["-m", "pip", "install"]
    good = hashlib.sha256(_wheel(tmp_path, FIRST).read_bytes()).hexdigest()
    lock = tmp_path / "lock"
    lock.write_text(f"locked==1.0 --hash=sha256:{good}\n")
    command = [
        *setup.PIP, "--require-hashes", "-r", str(lock), "--no-index", "--find-links", str(tmp_path),
        "--target", str(tmp_path / "there"),
    ]  # fmt: skip
    assert subprocess.run(command, capture_output=True).returncode == 0
    _wheel(tmp_path, FIRST + b"import evil\n")
    again = subprocess.run([*command, "--upgrade"], capture_output=True, text=True)
    assert again.returncode != 0
    assert "DO NOT MATCH THE HASHES" in again.stderr


def test_the_set_up_asks_pip_for_hashes_and_npm_for_the_lock(monkeypatch):
    said = []
    monkeypatch.setattr(setup, "_works", lambda: True)
    monkeypatch.setattr(
        setup, "step", lambda *given: given[-1]() if given[0] != "venv" else False
    )
    monkeypatch.setattr(setup, "run", lambda name, command, *_: said.append((name, command)))
    setup.environment()
    setup.phone()
    ran = dict(said)
    assert "--require-hashes" in ran["packages"]
    assert ran["phone-packages"][1] == "ci"
