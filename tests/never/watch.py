"""A plugin of pytest: every test that was asked for runs once with each forbidden thing that it
is named for, and a report says of each whether the test failed as a test fails.

`python -m pytest -p tests.never.watch TESTS`, with the report's path in LIANHU_TEST_NEVER.
"""

import json
import os
from collections.abc import Generator
from importlib import import_module
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from _pytest.runner import runtestprotocol
from django.core.exceptions import ObjectDoesNotExist

from tests.never.hand import MUTANTS, Hand, Mutant

REPORT = "LIANHU_TEST_NEVER"
# As a test fails: something is not equal, was not refused, or is not in the table.
FAILED = (AssertionError, pytest.fail.Exception, ObjectDoesNotExist)
# Mutant and test to what became of it: "failed" is what it should be.
seen: dict[str, dict[str, str]] = {}
now: list[Mutant] = []


def pytest_collection(session: pytest.Session) -> None:
    """Examples that make a test fail are no finding here."""
    hypothesis.settings.register_profile(
        "never", deadline=None, database=None, derandomize=True,
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
    )  # fmt: skip
    hypothesis.settings.load_profile("never")
    for name in ("app", "colours", "care", "reports"):  # they need Django, which is up by now
        import_module(f"tests.never.{name}")


def _name(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: Any, nextitem: pytest.Item | None) -> bool:
    for mutant in MUTANTS:
        if _name(item) in mutant.tests:
            now[:] = [mutant]
            item._initrequest()
            runtestprotocol(item, nextitem=nextitem, log=False)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """The thing is there while the test itself runs; its fixtures were made before."""
    with Hand() as hand:
        now[0].add(hand)
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, Any]:
    found = seen.setdefault(now[0].name, {})
    error = call.excinfo.value if call.excinfo else None
    if call.when == "call":
        if isinstance(error, FAILED):
            found[_name(item)] = "failed"
        elif found.get(_name(item)) != "failed":
            found[_name(item)] = f"broke: {error!r}" if error else "passed"
    elif error:
        found[_name(item)] = f"broke: {error!r}"
    return (yield)


def pytest_sessionfinish(session: pytest.Session) -> None:
    Path(os.environ[REPORT]).write_text(json.dumps(seen), encoding="utf-8")
