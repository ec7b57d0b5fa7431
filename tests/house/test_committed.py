"""Nothing of one machine or one registry is committed, and no secret."""

import re

from tests.house.files import ROOT, committed

# Joined from pieces, so that this file does not hold what it looks for.
HOSTS = ["pypi." + "org", "python" + "hosted", "registry." + "npmjs", "npm" + "mirror"]
PATHS = ["/wo" + "rk/", "/ro" + "ot/", "/tm" + "p/bash", "/ho" + "me/"]
UNWANTED = re.compile("|".join(re.escape(word) for word in [*HOSTS, *PATHS]))
SECRET = re.compile("BEGIN [A-Z ]*PRIVATE " + "KEY|AKIA[0-9A-Z]{16}")
LARGEST = 3_000_000  # bytes; more is data that should be made, not kept


def _texts():
    for name in committed():
        content = (ROOT / name).read_bytes()
        if b"\0" not in content[:4096]:
            yield name, content.decode("utf-8", errors="replace")  # registers come in GBK too


def test_no_registry_host_and_no_machine_path_is_committed():
    found = [
        f"{name}:{number}: {line[:80]}"
        for name, text in _texts()
        for number, line in enumerate(text.splitlines(), 1)
        if UNWANTED.search(line)
    ]
    assert found == []


def test_no_secret_is_committed():
    assert [name for name, text in _texts() if SECRET.search(text)] == []


def test_the_rule_about_hosts_can_fail():
    assert UNWANTED.search("resolved https://registry." + "npmjs.example/x")


def test_no_file_is_huge():
    huge = [name for name in committed() if (ROOT / name).stat().st_size > LARGEST]
    assert huge == []


def test_locks_pin_every_package_by_hash():
    for name in ("requirements.lock", "tools/node.lock"):
        entries = re.split(r"\n(?=[a-z])", (ROOT / name).read_text().strip())
        assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
