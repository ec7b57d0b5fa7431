"""A letter that the screen called saved is there after `kill -9`, every time.

One profile, killed over and over: each start finds all letters of the kills before it and writes the
next. `LIANHU_TEST_KILLS=500` is the long run. What this cannot show: a kill leaves the operating
system's buffers alone, so a dead battery is covered only as far as "strict" durability, which is
asked of every write and looked for here, has the flash itself confirm it.
"""

import hashlib
import os
import sys
import time
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright, expect

from bench.serving import County
from tests.browser.chromium import Chromium, chromium
from tests.browser.outbox import KEPT, is_sealed, opened
from tests.browser.signal_gate import Gate
from tests.browser.test_main_job import enrol

KILLS = int(os.environ.get("LIANHU_TEST_KILLS", "50"))
OF_A_MUTANT = 2

# Notes how durable each write to the outbox was asked to be.
SPY = """
window.asked = [];
const open = IDBDatabase.prototype.transaction;
IDBDatabase.prototype.transaction = function (stores, mode, options) {
  const made = open.call(this, stores, mode, options);
  if (mode === 'readwrite' && [stores].flat().includes('waiting')) window.asked.push(made.durability);
  return made;
};
"""
# Mutant: nobody asks for more than the browser's own idea of durability.
RELAXED = """
const strictly = IDBDatabase.prototype.transaction;
IDBDatabase.prototype.transaction = function (stores, mode) {
  return strictly.call(this, stores, mode);
};
"""
# Mutant: the letter is written behind, a little later, and the read-back answers from memory.
BEHIND = """
const late = new Map();
const { add, get, put } = IDBObjectStore.prototype;
IDBObjectStore.prototype.add = function (value, ...key) {
  if (this.name !== 'waiting') return add.call(this, value, ...key);
  const base = this.transaction.db;
  late.set(value.id, value);
  const write = () => base.transaction('waiting', 'readwrite').objectStore('waiting');
  setTimeout(() => put.call(write(), value), 3000);
  return get.call(this, value.id);
};
IDBObjectStore.prototype.get = function (key) {
  const asked = get.call(this, key);
  if (this.name === 'waiting' && late.has(key)) {
    Object.defineProperty(asked, 'result', { get: () => late.get(key) });
  }
  return asked;
};
"""
SAVE = """
() => new Promise((seen, never) => {
  const look = () => [...document.querySelectorAll('p')].some((p) => p.textContent === '已存本机');
  const watch = new MutationObserver(() => look() && seen(window.asked));
  watch.observe(document, { childList: true, subtree: true });
  setTimeout(() => never(new Error('not saved')), 60000);
  [...document.querySelectorAll('button')].find((b) => b.textContent.includes('存下来')).click();
})
"""


def words(number: int) -> str:
    """What the letter of one kill says."""
    return f"第 {number} 次：桥头的垃圾堆了三天。"


def lost(page: Page, county: County, written: int) -> list[int]:
    """Which letters are not on the phone, whole, in their order, to be opened by the county."""
    rows: list[dict[str, Any]] = page.evaluate(KEPT)
    assert all(is_sealed(row) for row in rows)
    texts = opened(county, rows)
    sound = {
        row["seq"]
        for row in rows
        if hashlib.sha256(row["text"].encode()).hexdigest() == row["sha256"]
        and words(row["seq"]) in texts[row["id"]]
    }
    return sorted(set(range(1, written + 1)) - sound)


def start(browser: Chromium, url: str, mutant: str) -> Page:
    """The app as it opens after a kill, without signal."""
    page = browser.open()
    page.add_init_script(SPY + mutant)
    page.goto(f"{url}report", wait_until="commit")
    expect(page.get_by_role("button", name="环境", exact=True)).to_be_visible()
    return page


def kills(
    playwright: Playwright, county: County, gate: Gate, count: int, mutant: str = ""
) -> tuple[int, list[int], list[str]]:
    """Write, kill, open again, `count` times: kills done, numbers lost, durabilities asked for."""
    asked: list[str] = []
    done, gone = 0, set[int]()
    with chromium(playwright) as browser:
        page = browser.open()
        url = enrol(page, county, gate)
        page.goto(url)  # once under the service worker, so that it is written down itself
        expect(page.get_by_role("heading", name="今日")).to_be_visible()
        browser.quit(page)
        gate.shut()
        page = start(browser, url, mutant)
        for number in range(1, count + 1):
            page.get_by_role("button", name="环境", exact=True).click()
            page.locator("textarea").fill(words(number))
            asked += page.evaluate(SAVE)
            browser.kill()
            done += 1
            page = start(browser, url, mutant)
            gone |= set(lost(page, county, number))
    return done, sorted(gone), asked


def test_a_letter_called_saved_survives_every_kill(
    playwright: Playwright, county: County, gate: Gate, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = time.monotonic()
    done, gone, asked = kills(playwright, county, gate, KILLS)
    seconds = time.monotonic() - begun
    with capsys.disabled():
        sys.stdout.write(
            f"\nbrowser kills: {done}, letters lost: {len(gone)}, {seconds:.0f} s\n"
        )
    assert (done, gone) == (KILLS, [])
    assert len(asked) >= KILLS
    assert set(asked) == {"strict"}


def test_the_check_sees_a_letter_written_behind(
    playwright: Playwright, county: County, gate: Gate
) -> None:
    _, gone, _ = kills(playwright, county, gate, OF_A_MUTANT, BEHIND)
    assert gone


def test_the_check_sees_relaxed_durability(
    playwright: Playwright, county: County, gate: Gate
) -> None:
    _, _, asked = kills(playwright, county, gate, OF_A_MUTANT, RELAXED)
    assert "strict" not in asked
