"""What the browser may do to a phone's storage, and what the person is told of it."""

import json
import re

from playwright.sync_api import Page, Playwright, expect

from bench.serving import County
from tests.browser.chromium import Chromium
from tests.browser.conftest import PICTURES
from tests.browser.outbox import KEPT, opened
from tests.browser.signal_gate import Gate
from tests.browser.test_main_job import enrol, photo, report

# Bytes below what is used: too full for a photo, while the reserve (room.ts) holds room for words.
HALF_THE_RESERVE = 524_288
# Everything that a browser short of room clears for a page; cookies are not among it.
STORAGE = "indexeddb,cache_storage,service_workers,local_storage,websql,file_systems"


def clear(page: Page, origin: str) -> None:
    """Take the storage away, as a browser short of room does."""
    page.goto("about:blank")
    asking = page.context.new_cdp_session(page)
    asking.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": STORAGE})


def test_a_cleared_phone_says_so_and_the_gap_is_known(
    playwright: Playwright, county: County, gate: Gate, phone: Chromium
) -> None:
    page = phone.open()
    url = enrol(page, county, gate)
    report(page, url, "送得到的一条", with_photo=False)
    expect(page.get_by_text("已送到", exact=True)).to_be_visible()
    gate.shut()
    report(page, url, "没送出去的一条", with_photo=False)
    clear(page, url.removesuffix("/phone/"))
    gate.open()
    page.goto(url)
    expect(page.get_by_text("这台手机上的资料被清掉了")).to_be_visible()
    expect(page.get_by_text(re.compile("还有 1 条没送到"))).to_be_visible()
    page.screenshot(path=PICTURES / "phone-cleared.png", full_page=True)

    enrol(page, county, gate)
    me = page.evaluate(
        """() => new Promise((found) => {
          const opening = indexedDB.open('lianhu-outbox');
          opening.onsuccess = () => {
            const facts = opening.result.transaction('facts').objectStore('facts');
            const seq = facts.get('seq');
            seq.onsuccess = () => { opening.result.close(); found(seq.result.value); };
          };
        })"""
    )
    assert me == 2, "the next letter is the third: the second is a gap that the office can see"
    page.goto(f"{url}me")
    expect(
        page.get_by_text(re.compile("牢靠，不会被自动清掉|手机很满时可能被清|浏览器没说"))
    ).to_be_visible()


def outbox(page: Page, county: County) -> list[str]:
    """What the letters in the outbox say, read past the app and opened as the county does."""
    return [
        json.loads(text)["body"]["words"]
        for text in opened(county, page.evaluate(KEPT)).values()
    ]


def test_a_full_phone_refuses_a_photo_and_never_a_text(
    county: County, gate: Gate, phone: Chromium
) -> None:
    page = phone.open()
    url = enrol(page, county, gate)
    gate.shut()
    origin = {"origin": url.removesuffix("/phone/")}
    used = page.context.new_cdp_session(page).send("Storage.getUsageAndQuota", origin)["usage"]
    phone.quit(page)
    page = phone.open()
    # Before the page touches its storage: the browser remembers for a while that there was room.
    asking = page.context.new_cdp_session(page)
    asking.send(
        "Storage.overrideQuotaForOrigin", origin | {"quotaSize": used - HALF_THE_RESERVE}
    )
    page.goto(f"{url}report")
    page.get_by_role("button", name="环境", exact=True).click()
    page.locator('input[type="file"]').set_input_files(
        {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    expect(page.get_by_text(re.compile("照片先等一等"))).to_be_visible()
    page.locator("textarea").fill("满了也要记下的一条")
    page.screenshot(path=PICTURES / "phone-full.png")
    page.get_by_role("button", name="存下来").click()
    expect(page.get_by_text("已存本机", exact=True)).to_be_visible()
    assert outbox(page, county) == ["满了也要记下的一条"]
    phone.kill()
    page = phone.open()
    page.goto(url)
    expect(page.get_by_text(re.compile("已存本机 1 条"))).to_be_visible()


# What the app of the future does at its start: a higher version of the same database.
UPGRADE = """
([version, fails]) => new Promise((done) => {
  const opening = indexedDB.open('lianhu-outbox', version);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore('later' + version);
    if (fails) opening.transaction.abort();
  };
  opening.onblocked = () => done('blocked');
  opening.onerror = () => done('failed');
  opening.onsuccess = () => { opening.result.close(); done('upgraded'); };
})
"""


def test_an_upgrade_in_another_page_loses_nothing(
    county: County, gate: Gate, phone: Chromium
) -> None:
    old = phone.open()
    url = enrol(old, county, gate)
    gate.shut()
    report(old, url, "旧页面的第一条", with_photo=False)
    old.goto(f"{url}report")
    old.get_by_role("button", name="环境", exact=True).click()
    old.locator("textarea").fill("旧页面写到一半的")
    new = old.context.new_page()
    new.goto(f"{url}icon.svg")
    assert new.evaluate(UPGRADE, [50, True]) == "failed", "an upgrade that breaks down"
    assert outbox(new, county) == ["旧页面的第一条"]
    assert new.evaluate(UPGRADE, [40, False]) == "upgraded", "the old page gives way at once"
    expect(old.get_by_text(re.compile("请把这一页关掉"))).to_be_visible()
    old.get_by_role("button", name="存下来").click()
    expect(old.get_by_text("已存本机", exact=True)).to_be_visible()
    assert outbox(new, county) == ["旧页面的第一条", "旧页面写到一半的"]
    old.close()
    gate.open()
    new.goto(url)
    expect(new.get_by_text(re.compile("全部送达"))).to_be_visible(timeout=90_000)
    assert outbox(new, county) == []
