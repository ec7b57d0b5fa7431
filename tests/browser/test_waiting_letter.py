"""A letter that the office could not take: the card on its phone, the queue, and what became of it."""

import re

from playwright.sync_api import Page, expect

from bench.serving import County
from tests.browser.chromium import Chromium
from tests.browser.conftest import PICTURES, sign_in
from tests.browser.signal_gate import Gate
from tests.browser.test_main_job import enrol, report
from tests.browser.test_pages import SIZES, faults

WORDS = "河对岸那个村的桥坏了"
REASON = "这座桥归对岸的村管，已经打电话告诉他们了。"
ELSEWHERE = "610921101200"
# As if she had lost the post while the letter waited: it names a place that is not hers. It is kept
# open here, as by an app that had not heard the county's key, and sealed before it goes.
MOVED = """async ([place, words]) => {
  const open = indexedDB.open("lianhu-outbox");
  const db = await new Promise((done) => { open.onsuccess = () => done(open.result); });
  const ask = (r) => new Promise((done) => { r.onsuccess = () => done(r.result); });
  const [{ own, ...row }] = await ask(db.transaction("waiting").objectStore("waiting").getAll());
  const body = { category: "environment", words, visibility: "ordinary" };
  const text = JSON.stringify({
    kind: row.kind, device_seq: row.seq, captured_at: "2026-11-23T09:41:00+08:00", place, body,
  });
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const sha256 = [...new Uint8Array(hash)].map((b) => b.toString(16).padStart(2, "0")).join("");
  const writing = db.transaction("waiting", "readwrite").objectStore("waiting");
  await ask(writing.put({ ...row, text, sha256 }));
  db.close();
}"""


def _look(page: Page, name: str) -> list[str]:
    """Faults at both sizes, each with its picture."""
    found = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(300)
        page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)
        found += faults(page)
    return found


def test_a_letter_that_waits_is_looked_at_and_its_writer_told(
    county: County, gate: Gate, phone: Chromium, desk: Chromium
) -> None:
    page = phone.open()
    url = enrol(page, county, gate)
    gate.shut()
    report(page, url, WORDS, with_photo=False)
    page.evaluate(MOVED, [ELSEWHERE, WORDS])
    gate.open()
    page.goto(f"{url}outbox")
    card = page.get_by_role("link", name=re.compile("有一条在等人看"))
    expect(card).to_be_visible()
    found = _look(page, "phone-outbox")
    card.click()
    expect(page.get_by_text("不用再报", exact=False)).to_be_visible()
    expect(page.get_by_role("button", name="改一改再报")).to_have_count(0)
    found += _look(page, "phone-card")

    office = desk.open()
    sign_in(office, county.url, "county")
    office.goto(f"{county.url}/desk/letters/?outcome=held&order=-received")
    found += _look(office, "desk-letters")
    office.get_by_role("link", name="处理", exact=False).first.click()
    expect(office.get_by_text("怎么办：")).to_be_visible()
    expect(office.get_by_text(WORDS).first).to_be_visible()
    found += _look(office, "desk-letter")
    office.get_by_label(re.compile("原因")).fill(REASON)
    office.get_by_role("button", name="不收，原文留存").click()
    expect(office).to_have_url(re.compile(r"/desk/letters/"))

    page.goto(f"{url}me")
    page.get_by_role("button", name=re.compile("现在取一次")).click()
    page.goto(f"{url}outbox")
    page.get_by_role("link", name=re.compile("有一条看过了，没有收")).click()
    expect(page.get_by_text(REASON)).to_be_visible()
    expect(page.get_by_role("button", name="改一改再报")).to_be_visible()
    found += _look(page, "phone-card-told")
    assert found == []

    sign_in(office, county.url, "secretary")
    for name, path in (("desk-asking", "/desk/asking/"), ("desk-rescue", "/desk/rescue/")):
        office.goto(county.url + path)
        found += _look(office, name)
    assert found == []
