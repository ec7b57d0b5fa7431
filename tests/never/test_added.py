"""Every line of docs/reference/never.md names what was added for it, and the tests that failed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.house.files import ROOT, text_of
from tests.never import app, care, colours, reports
from tests.never.hand import MUTANTS
from tests.never.page import PAGE, written

THERE = (app, care, colours, reports)


def test_the_page_says_what_was_added_and_which_test_failed():
    """`python -m tests.never` writes it."""
    assert text_of(PAGE) == written(text_of(PAGE))


def test_every_thing_has_a_name_of_its_own():
    names = [mutant.name for mutant in MUTANTS]
    assert sorted(set(names)) == sorted(names)
    assert len(names) > 80
    assert {mutant.add.__module__ for mutant in MUTANTS} == {m.__name__ for m in THERE}


@pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3",
    reason="once is enough: the things are added on SQLite whatever the others run on",
)
def test_each_test_fails_once_the_thing_is_there(tmp_path: Path):
    report = tmp_path / "seen.json"
    tests = sorted({test for mutant in MUTANTS for test in mutant.tests})
    env = os.environ | {"LIANHU_TEST_DB": "sqlite", "LIANHU_TEST_NEVER": str(report)}
    env = {k: v for k, v in env.items() if k not in {"PYTEST_XDIST_WORKER", "LIANHU_TEST_VAR"}}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.never.watch", "-p", "no:cacheprovider",
         "-p", "no:randomly", *tests],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert report.is_file(), done.stdout + done.stderr
    seen = json.loads(report.read_text(encoding="utf-8"))
    expected = {m.name: dict.fromkeys(m.tests, "failed") for m in MUTANTS}
    wrong = {
        name: {test: seen.get(name, {}).get(test, "never ran") for test in tests}
        for name, tests in expected.items()
        if seen.get(name) != tests
    }
    assert wrong == {}
