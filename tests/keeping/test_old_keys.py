"""Whoever backs up into a folder of their own is told of the keys that nobody clears there."""

from datetime import timedelta

import pytest

from lianhu.cli.keeping import _about_keys
from lianhu.keeping.actions.old_keys import clear_due_keys, told_of_keys
from lianhu.keeping.store.person_keys import path_of
from tests import cast

NAMES = ("2026-11-01T020000Z", "2026-11-16T020000Z", "2026-11-17T020000Z")  # NOON: the 23rd


@pytest.fixture
def folder(tmp_path):
    """Three backups with their keys, of which the second is a week old."""
    for name in NAMES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}")
        path_of(tmp_path, name).parent.mkdir(exist_ok=True)
        path_of(tmp_path, name).write_bytes(b"")
    return tmp_path


def test_keys_are_due_once_they_are_older_than_their_term(folder, settings):
    settings.LIANHU_BACKUPS = str(folder)
    told = {"key_days": 7, "by_hand": False, "keys_due": [*NAMES[:2]]}
    assert told_of_keys(folder, at=cast.NOON) == told
    # The newest too: in a folder that nobody backs up into any more it is the one that stays.
    later = cast.NOON + timedelta(days=7)
    assert told_of_keys(folder, at=later)["keys_due"] == [*NAMES]


@pytest.mark.parametrize(("ours", "by_hand"), [("", True), ("x", True), (".", False)])
def test_a_folder_that_the_daily_run_does_not_clear_is_said_to_be(
    folder, settings, ours, by_hand
):
    settings.LIANHU_BACKUPS = ours and str(folder / ours)
    assert told_of_keys(folder, at=cast.NOON)["by_hand"] is by_hand


def test_clear_due_keys_leaves_the_newest(folder):
    assert clear_due_keys(folder, at=cast.NOON + timedelta(days=30)) == [*NAMES[:2]]
    assert [path_of(folder, name).is_file() for name in NAMES] == [False, False, True]


def test_backup_and_verify_say_what_is_due_and_who_removes_it():
    told = {"key_days": 7, "by_hand": False, "keys_due": list[str]()}
    assert _about_keys(told) == ""
    due = _about_keys(told | {"keys_due": [*NAMES[:2]]})
    assert ("该删了" in due, NAMES[1] in due, "LIANHU_BACKUPS" in due) == (True, True, False)
    by_hand = _about_keys(told | {"by_hand": True})
    assert ("该删了" in by_hand, "LIANHU_BACKUPS" in by_hand) == (False, True)
