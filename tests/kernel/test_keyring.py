"""The ring: whose file it is, what it refuses, and that a process under way sees a change."""

import json
import stat

import pytest

from lianhu.kernel import keyring
from lianhu.kernel.errors import Refusal
from lianhu.kernel.keyring import make_ring, new_entry, read_content, ring, write_content


@pytest.fixture
def path(settings, tmp_path):
    settings.LIANHU_KEYS = tmp_path / "a" / "keys.json"
    yield settings.LIANHU_KEYS
    keyring.forget_ring()


def _refusal() -> tuple[str, dict]:
    with pytest.raises(Refusal) as refused:
        ring()
    return refused.value.code, refused.value.details


def test_make_ring_is_for_its_owner_only_and_keeps_what_is_there(path):
    make_ring(path)
    first = path.read_text()
    make_ring(path)
    assert path.read_text() == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    content = json.loads(first)
    assert set(content) == {"current", "versions", "ledger"}
    assert set(content["versions"]["1"]) == {"suite", "secret", "made"}


def test_make_ring_gives_an_earlier_ring_only_what_it_lacks(path):
    path.parent.mkdir()
    earlier = {"current": 1, "keys": {"1": "00" * 32}, "index": "11" * 32}
    path.write_text(json.dumps(earlier))
    make_ring(path)
    now = json.loads(path.read_text())
    assert now["versions"] == {"1": {"suite": "aes", "secret": "00" * 32, "index": "11" * 32}}
    assert (len(bytes.fromhex(now["ledger"])), path.stat().st_mode & 0o077) == (32, 0)


def test_ring_refuses_to_start_without_keys(path):
    assert _refusal() == ("keys.missing", {"path": str(path)})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda c: c["versions"]["1"].update(secret="ab" * 31), "keys.too_short"),
        (lambda c: c["versions"]["1"].update(secret=""), "keys.too_short"),
        (lambda c: c["versions"]["1"].update(index="ab" * 31), "keys.too_short"),
        (lambda c: c["versions"]["1"].update(secret="no hex"), "keys.unreadable"),
        (lambda c: c["versions"]["1"].update(suite="rot13"), "keys.unreadable"),
        (lambda c: c.update(current=2), "keys.unreadable"),
        (lambda c: c.update(versions=[]), "keys.unreadable"),
        (lambda c: c["versions"].update({"65536": new_entry("aes")}), "keys.unreadable"),
    ],
)
def test_ring_refuses_what_is_no_ring(path, change, code):
    make_ring(path)
    content = read_content(path)
    change(content)
    write_content(path, content)
    assert _refusal()[0] == code


@pytest.mark.parametrize("text", ["", "[]", "{}", "{", '"x"'])
def test_ring_refuses_what_cannot_be_read(path, text):
    path.parent.mkdir()
    path.write_text(text)
    assert _refusal()[0] == "keys.unreadable"


def test_ring_sees_a_change_by_another_process_within_its_time(path, monkeypatch):
    make_ring(path)
    assert ring().newest.number == 1
    content = read_content(path)
    content["versions"]["2"] = new_entry("sm4")
    path.write_text(json.dumps(content | {"current": 2}))  # as another process would
    assert ring().newest.number == 1
    later = keyring._kept.looked + keyring.LOOK
    monkeypatch.setattr(keyring.time, "monotonic", lambda: later)
    assert (ring().newest.number, ring().newest.suite.name) == (2, "sm4")


def test_a_version_shows_no_key_in_a_traceback_or_a_log(path):
    make_ring(path)
    shown = repr(ring())
    assert read_content(path)["versions"]["1"]["secret"] not in shown
    assert repr(ring().newest.secret) not in shown


def test_new_entry_refuses_a_suite_that_nobody_knows():
    with pytest.raises(Refusal) as refused:
        new_entry("rot13")
    assert refused.value.code == "keys.unknown_suite"
