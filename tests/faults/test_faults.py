"""The attack in short, on the database of this run; `make faults` is the long form."""

import json
import os
from pathlib import Path

import pytest
from django.conf import settings

from tests.faults.attack import attack, hunt
from tests.faults.mutants import MUTANTS, PHONE, SERVER

KIND = "sqlite" if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3") else "postgres"
SECONDS = float(os.environ.get("LIANHU_TEST_FAULTS", "25"))
SUMMARY = Path(__file__).parents[2] / "var" / "faults.jsonl"
# PostgreSQL's county takes longer to make: those bugs that its own crash brings out.
HUNTED = (
    sorted(MUTANTS)
    if KIND == "sqlite"
    else ["ack_before_commit", "version_forgotten", "whole_batch_ack"]
)


def _keep(report):
    """A line for whoever wants to know what was done."""
    SUMMARY.parent.mkdir(exist_ok=True)
    with SUMMARY.open("a") as file:
        file.write(json.dumps(vars(report), default=list, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_lost_doubled_or_leaked(seed):
    report = attack(KIND, seed, seconds=SECONDS)
    _keep(report)
    assert report.broken == {}, report.words()
    counts = report.counts
    assert counts["letters"] > SECONDS, "the phones wrote"
    assert counts["network faults"] > SECONDS / 2, "the road was bad"
    assert counts["restarts"] + counts["phone kills"] > 0, "something was killed"


def test_a_restore_loses_nothing_that_a_phone_still_holds():
    report = attack(
        KIND,
        3,
        seconds=SECONDS * 0.7,
        phones=4,
        nemesis=("restore", "kill_phone", "kill_server"),
    )
    _keep(report)
    assert report.broken == {}, report.words()
    assert report.counts["restore"] > 0


def test_the_hunt_without_a_bug_finds_none():
    report = hunt(KIND, "")
    _keep(report)
    assert report.broken == {}, report.words()


@pytest.mark.parametrize("name", HUNTED)
def test_every_bug_of_our_own_is_caught(name):
    report = hunt(KIND, name)
    _keep(report)
    wanted = MUTANTS[name].caught_by
    assert set(report.broken) & set(wanted), report.words()


def test_there_are_bugs_enough_on_both_sides():
    assert (len(SERVER), len(PHONE)) >= (6, 5)
    assert len(MUTANTS) >= 12
