"""`lianhu check` says what is unsafe in words, however little is configured."""

import json
import os
import subprocess
import sys


def _check(**settings: str) -> tuple[int, list[str]]:
    """Exit code and faults of the command in an environment that holds just these settings."""
    path = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "lianhu.settings"}
    done = subprocess.run(
        [sys.executable, "-c", "from lianhu.cli import main; main()", "check", "--json"],
        env={**path, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout)["faults"]


def test_check_names_everything_that_a_bare_machine_lacks(tmp_path):
    code, faults = _check(LIANHU_VAR=str(tmp_path / "missing"))
    assert (code, len(faults)) == (1, 3)
    for word, fault in zip(("LIANHU_SECRET_KEY", "lianhu keys", "数据库"), faults, strict=True):
        assert word in fault


def test_check_is_content_with_a_secret_a_key_ring_and_a_database(tmp_path):
    ring = tmp_path / "keys.json"
    ring.write_text('{"ledger": "00"}')
    ring.chmod(0o600)
    assert _check(LIANHU_VAR=str(tmp_path), LIANHU_SECRET_KEY="s" * 50) == (0, [])
