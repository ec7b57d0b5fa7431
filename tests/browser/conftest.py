"""One small demo county, served for all journeys, and browsers to walk through it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect, sync_playwright

from bench.serving import County
from tests.browser.chromium import Chromium, chromium
from tests.browser.signal_gate import Gate

# A busy machine is no failure: these waits end as soon as the thing is there.
expect.set_options(timeout=30_000)
ROOT = Path(__file__).parents[2]
# A test leaves the checkout as it was; `make pictures` is asked to change it.
KEPT = os.environ.get("LIANHU_TEST_PICTURES") == "1"
PICTURES = ROOT / ("docs/pictures" if KEPT else "var/pictures")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as found:
        yield found


@pytest.fixture(scope="session")
def county() -> Iterator[County]:
    with County("sqlite", scale=0.02) as found:
        yield found.serve()


@pytest.fixture
def gate(county: County) -> Iterator[Gate]:
    found = Gate(county.port)
    yield found
    found.close()


@pytest.fixture
def phone(playwright: Playwright) -> Iterator[Chromium]:
    with chromium(playwright) as found:
        yield found


@pytest.fixture
def desk(playwright: Playwright) -> Iterator[Chromium]:
    with chromium(playwright) as found:
        yield found


def sign_in(page: Page, url: str, account: str) -> None:
    """Sign in through the demo door."""
    page.goto(f"{url}/demo/")
    page.locator(f'button[name="account"][value="{account}"]').first.click()
    page.wait_for_load_state("networkidle")
