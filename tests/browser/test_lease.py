"""What lies in the files of a phone's browser while its copy is lent, afterwards, and when ended."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from bench.serving import County
from tests.browser.chromium import Chromium
from tests.browser.conftest import PICTURES, sign_in
from tests.browser.profile import found
from tests.browser.signal_gate import Gate
from tests.browser.test_main_job import report

# The part of the key that has to be gone from the files afterwards.
PART = """
async () => {
  const cache = await caches.open('lianhu-lease');
  const found = await cache.match((await cache.keys())[0]);
  return [...new Uint8Array(await found.arrayBuffer())];
}
"""
# Mutant: what is called sealed is not.
OPEN = """
SubtleCrypto.prototype.encrypt = async (how, key, bytes) => bytes;
SubtleCrypto.prototype.decrypt = async (how, key, bytes) => bytes;
"""
# Mutant: the database is cleared, but the part in its own file is not deleted.
LINGER = "Cache.prototype.delete = CacheStorage.prototype.delete = async () => true;"
LATER = """
const then = Date.now.bind(Date);
Date.now = () => then() + %d * 3600000;
"""
LEAST = 50
# What phones wrote and could not send: one that is closed, one before and after its lease was over,
# one that was ended.
CLOSED, BEFORE, AFTER = "合上前没送出去的一条", "期满前没送出去的一条", "三天没信号时写的一条"
ENDED = "停用前没送出去的一条"


def canaries(county: County, account: str = "warden") -> list[str]:
    """Names, doors, numbers and words of what this person's phone holds, asked for as a phone does."""
    told = county.post("/api/phone/parcels", {"have": {}}, county.enrol(account))
    known = str(told["catalogue"])
    words = {told["person"]["name"]}
    for parcel in told["parcels"]:
        for home in parcel["households"]:
            words |= {home["head"], home["address"]}
            words |= {
                one[k] for one in home["members"] for k in ("name", "phone") if one.get(k)
            }
        words |= {matter["words"][:12] for matter in parcel["matters"]}
    words |= {
        text
        for matter in told["mine"]["matters"]
        for text in (matter["words"][:12], matter["ref"])
    }
    return sorted(word for word in words if len(word) >= 3 and word not in known)


def enrolled(
    page: Page, county: County, gate: Gate, spoilt: str = "", account: str = "warden"
) -> tuple[str, bytes]:
    """Enrol; the app's address and the part of the key that can be deleted."""
    page.add_init_script(spoilt)
    token = county.post("/demo/enrol", {"account": account})["token"]
    url = f"http://127.0.0.1:{gate.port}/phone/"
    page.goto(f"{url}#enrol={token}")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_text(re.compile("全部送达"))).to_be_visible()
    page.get_by_role("link", name="我的户").click()
    expect(page.locator(".list a.row").first).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return url, bytes(page.evaluate(PART))


def search(profile: Path, words: list[str]) -> dict[str | bytes, set[str]]:
    assert len(words) >= LEAST, "something to look for"
    return found(profile, words)


def test_a_closed_phone_holds_no_name_in_clear(
    county: County, gate: Gate, phone: Chromium
) -> None:
    words = canaries(county)
    page = phone.open()
    url, key = enrolled(page, county, gate)
    gate.shut()
    report(page, url, CLOSED, with_photo=False)
    page.goto(f"{url}outbox")
    expect(page.get_by_text(CLOSED)).to_be_visible()
    phone.quit(page)
    assert search(phone.profile, [*words, CLOSED]) == {}
    assert found(phone.profile, [key]), "the search sees into the files"


def test_the_search_sees_a_copy_that_is_not_sealed(
    county: County, gate: Gate, phone: Chromium
) -> None:
    words = canaries(county)
    page = phone.open()
    enrolled(page, county, gate, OPEN)
    phone.quit(page)
    assert len(search(phone.profile, words)) > len(words) / 2


def lapse(
    phone: Chromium, county: County, gate: Gate, spoilt: str = ""
) -> tuple[Page, str, bytes]:
    """A phone three days without signal, opened again: its page, the app, the part of its key."""
    page = phone.open()
    url, key = enrolled(page, county, gate, spoilt)
    gate.shut()
    report(page, url, BEFORE, with_photo=False)
    phone.quit(page)
    page = phone.open()
    page.add_init_script(spoilt + LATER % 73)
    page.goto(url)
    expect(page.get_by_text("您的户和事先收起来了")).to_be_visible()
    return page, url, key


def test_after_the_lease_nothing_is_left_and_nothing_is_lost(
    county: County, gate: Gate, phone: Chromium, desk: Chromium
) -> None:
    words = canaries(county)
    page, url, key = lapse(phone, county, gate)
    page.screenshot(path=PICTURES / "phone-lapsed.png")
    report(page, url, AFTER, with_photo=False)
    page.goto(f"{url}outbox")
    expect(page.get_by_text("等着送 2 条")).to_be_visible()
    expect(page.get_by_text(re.compile("原话已经封好给县里"))).to_be_visible()
    assert BEFORE not in page.content()
    assert AFTER not in page.content()
    page.screenshot(path=PICTURES / "phone-outbox-sealed.png", full_page=True)
    phone.quit(page)
    assert search(phone.profile, [*words, BEFORE, AFTER]) == {}
    assert found(phone.profile, [key]) == {}, "what the key was made of is in no file"
    page = phone.open()
    gate.open()
    page.goto(url)
    expect(page.get_by_text(re.compile("全部送达"))).to_be_visible(timeout=90_000)
    page.get_by_role("link", name="我的户").click()
    expect(page.locator(".list a.row").first).to_be_visible()
    office = desk.open()
    sign_in(office, county.url, "county")
    for said in (BEFORE, AFTER):
        office.goto(f"{county.url}/desk/matters/?queue=under&state=all&words={said}")
        expect(office.locator("table.matters tbody tr", has_text=said)).to_have_count(1)


def test_the_search_sees_a_key_that_lingers(
    county: County, gate: Gate, phone: Chromium
) -> None:
    page, _, key = lapse(phone, county, gate, LINGER)
    phone.quit(page)
    assert found(phone.profile, [key])


def test_a_phone_that_was_ended_is_empty_of_others_at_its_next_contact(
    county: County, gate: Gate, phone: Chromium, desk: Chromium
) -> None:
    words = canaries(county)
    page = phone.open()
    url, key = enrolled(page, county, gate)
    page.goto(f"{url}me")
    name = page.locator(".person b").inner_text()
    device = page.locator("dl.kv dd").nth(1).inner_text()
    gate.shut()
    report(page, url, ENDED, with_photo=False)
    office = desk.open(width=1440, height=900)
    sign_in(office, county.url, "secretary")
    office.goto(f"{county.url}/desk/staff/?words={name}")
    office.get_by_role("link", name=name).first.click()
    ending = office.locator(f'form[action$="{device}/revoke/"]')
    office.locator("details", has=ending).locator("summary").click()
    ending.get_by_role("button", name="确定停用").click()
    gate.open()
    page.goto(url)
    expect(page.get_by_text(re.compile("要重新登记 · 已存本机 1 条，都在"))).to_be_visible()
    expect(page.get_by_text("您的户和事就会取回来")).to_be_visible()
    page.screenshot(path=PICTURES / "phone-ended.png")
    phone.quit(page)
    assert search(phone.profile, [*words, ENDED]) == {}
    assert found(phone.profile, [key]) == {}
