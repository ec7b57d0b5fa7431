"""`lianhu check` says what is unsafe in words, however little is configured."""

import json
import os
import subprocess
import sys

from lianhu.kernel.keyring import make_ring, read_content, write_content


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
    make_ring(tmp_path / "keys.json")
    assert _check(LIANHU_VAR=str(tmp_path), LIANHU_SECRET_KEY="s" * 50) == (0, [])


def test_check_names_a_short_key_another_suite_and_a_ring_without_the_ledgers_key(tmp_path):
    path, settings = tmp_path / "keys.json", {"LIANHU_SECRET_KEY": "s" * 50}
    make_ring(path)
    whole = read_content(path)
    code, faults = _check(LIANHU_VAR=str(tmp_path), LIANHU_SUITE="sm4", **settings)
    assert (code, ["lianhu keys rotate" in fault for fault in faults]) == (1, [True])
    assert _check(LIANHU_VAR=str(tmp_path), LIANHU_SUITE="des", **settings)[0] == 1
    write_content(path, {k: v for k, v in whole.items() if k != "ledger"})
    code, faults = _check(LIANHU_VAR=str(tmp_path), **settings)
    assert (code, ["台账" in fault for fault in faults]) == (1, [True])
    whole["versions"]["1"]["secret"] = "ab" * 31
    write_content(path, whole)
    code, faults = _check(LIANHU_VAR=str(tmp_path), **settings)
    assert (code, ["太短" in fault for fault in faults]) == (1, [True])


def test_check_names_a_ring_that_others_can_read(tmp_path):
    make_ring(tmp_path / "keys.json")
    (tmp_path / "keys.json").chmod(0o640)
    code, faults = _check(LIANHU_VAR=str(tmp_path), LIANHU_SECRET_KEY="s" * 50)
    assert (code, ["chmod 600" in fault for fault in faults]) == (1, [True])


def test_check_names_a_county_that_is_reached_in_clear_or_by_any_name(tmp_path):
    make_ring(tmp_path / "keys.json")
    own = {"LIANHU_VAR": str(tmp_path), "LIANHU_SECRET_KEY": "s" * 50}
    for more, word in (
        ({"LIANHU_HOSTS": "lianhu.example.gov.cn"}, "LIANHU_TLS=1"),
        ({"LIANHU_HOSTS": "lianhu.example.gov.cn", "LIANHU_TLS": "1"}, "LIANHU_PROXIES"),
        ({"LIANHU_HOSTS": "a.example,*", "LIANHU_TLS": "1", "LIANHU_PROXIES": "1"}, "不能是 *"),
    ):
        code, faults = _check(**own, **more)
        assert (code, [word in fault for fault in faults]) == (1, [True]), more
    safe = {"LIANHU_HOSTS": "a.example", "LIANHU_TLS": "1", "LIANHU_PROXIES": "1"}
    assert _check(**own, **safe) == (0, [])
