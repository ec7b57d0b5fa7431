"""A phone is confirmed on the desk's screen, has a key of its own, and renews its credential."""

import json
import re
import urllib.error
from typing import Any

from playwright.sync_api import Page, expect

from bench.serving import County
from tests.browser.chromium import Chromium
from tests.browser.conftest import PICTURES, sign_in
from tests.browser.signal_gate import Gate
from tests.browser.test_main_job import enrol, report

# What the phone keeps of itself; the private half of its key is tried to be read out.
KEPT = """
async () => {
  const open = indexedDB.open('lianhu-outbox');
  const box = await new Promise((done) => { open.onsuccess = () => done(open.result); });
  const all = box.transaction('facts').objectStore('facts').getAll();
  const rows = await new Promise((done) => { all.onsuccess = () => done(all.result); });
  box.close();
  const facts = Object.fromEntries(rows.map((row) => [row.name, row.value]));
  const own = facts.device_keys.privateKey;
  const key = String(await crypto.subtle.exportKey('pkcs8', own).catch((e) => e.name));
  return { device: facts.device_id, credential: facts.credential, key, known: facts.key_known };
}
"""
PIN = "281905"
# The office asks for a new credential long before its days are over.
DUE = """
const plain = window.fetch;
window.fetch = async (...asked) => {
  const answer = await plain(...asked);
  if (!String(asked[0]).endsWith('/api/phone/parcels') || !answer.ok) return answer;
  return new Response(JSON.stringify({ ...(await answer.json()), renew: true }), answer);
};
"""


def invite(office: Page, county: County, account: str = "warden") -> tuple[str, str]:
    """The desk's page with a fresh code for a phone: its link and whose it is."""
    told = county.post("/api/phone/parcels", {"have": {}}, county.enrol(account))
    name = told["person"]["name"]
    office.goto(f"{county.url}/desk/staff/?words={name}")
    office.get_by_role("link", name=name).first.click()
    office.get_by_role("button", name="登记一部手机").click()
    return office.locator(".enrol .code").text_content() or "", name


def open_link(page: Page, county: County, gate: Gate, address: str) -> None:
    page.goto(address.replace(county.url, f"http://127.0.0.1:{gate.port}"))
    page.get_by_role("button", name="登记", exact=True).click()


def confirm_digits(page: Page, office: Page) -> None:
    """The digits on both screens are the same: let the phone in."""
    digits = page.locator(".waits .digits").inner_text()
    assert re.fullmatch(r"\d{4}", digits)
    expect(office.locator("#phones .digits")).to_have_text(digits)
    office.get_by_role("button", name="一样，准它用").click()


def status_of(county: County, path: str, credential: str) -> int:
    try:
        county.post(path, {"have": {}}, credential)
    except urllib.error.HTTPError as error:
        return error.code
    return 200


def test_the_desk_confirms_the_digits_that_the_phone_shows(
    county: County, gate: Gate, phone: Chromium, desk: Chromium
) -> None:
    office, page = desk.open(width=1440, height=900), phone.open()
    sign_in(office, county.url, "secretary")
    address, _ = invite(office, county)
    open_link(page, county, gate, address)
    expect(page.get_by_text("请给村里看这四位数字")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.screenshot(path=PICTURES / "phone-digits.png")
    phone.kill()  # the battery is empty while it waits
    page = phone.open()
    page.goto(f"http://127.0.0.1:{gate.port}/phone/")
    expect(page.locator(".waits .digits")).to_be_visible()
    expect(office.locator("#phones .digits")).to_be_visible()
    office.screenshot(path=PICTURES / "desk-digits.png", full_page=True)
    confirm_digits(page, office)
    expect(office.get_by_text("核对好了")).to_be_visible()
    expect(page.get_by_role("heading", name="今日")).to_be_visible()
    expect(page.get_by_text(re.compile("全部送达"))).to_be_visible()


def test_a_waiting_phone_keeps_its_digits_when_the_page_is_opened_by_hand(
    county: County, gate: Gate, phone: Chromium, desk: Chromium
) -> None:
    """Also one that asks for six digits of its own before its households, from its first days."""
    page = phone.open()
    url = enrol(page, county, gate)
    page.goto(f"{url}me")
    page.get_by_role("link", name=re.compile("加六位开门数字")).click()
    for label in ("定六位开门数字", "再输一遍"):
        page.get_by_label(label).fill(PIN)
    expect(page.get_by_role("link", name=re.compile("换开门数字"))).to_be_visible()
    office = desk.open(width=1440, height=900)
    sign_in(office, county.url, "secretary")
    address, _ = invite(office, county)
    open_link(page, county, gate, address)
    digits = page.locator(".waits .digits").inner_text()
    phone.kill()
    page = phone.open()
    for _ in range(2):
        page.goto(f"{url}enrol")
        expect(page.locator(".waits .digits")).to_have_text(digits)
    confirm_digits(page, office)
    # The village let it in anew: digits of its own that were forgotten do not stand in the way.
    expect(page.get_by_role("heading", name="今日")).to_be_visible()
    expect(page.get_by_text(re.compile("全部送达"))).to_be_visible()
    page.get_by_role("link", name="我的户").click()
    expect(page.locator(".list a.row").first).to_be_visible()


def test_a_phone_that_took_anothers_code_stays_outside(
    county: County, gate: Gate, phone: Chromium, desk: Chromium
) -> None:
    office, page = desk.open(width=1440, height=900), phone.open()
    sign_in(office, county.url, "secretary")
    address, _ = invite(office, county)
    open_link(page, county, gate, address)
    expect(page.locator(".waits .digits")).to_be_visible()
    office.get_by_role("button", name="不一样，不准").click()
    expect(office.get_by_text("没有准这部手机用")).to_be_visible()
    expect(page.get_by_text(re.compile("村里没有核对上"))).to_be_visible()
    page.goto(f"http://127.0.0.1:{gate.port}/phone/households")
    expect(page.get_by_role("heading", name="登记这台手机")).to_be_visible()


def test_a_credential_is_renewed_with_a_key_that_no_script_reads(
    county: County, gate: Gate, phone: Chromium
) -> None:
    page = phone.open()
    url = enrol(page, county, gate)
    first: dict[str, Any] = page.evaluate(KEPT)
    assert (first["key"], first["known"]) == ("InvalidAccessError", True)
    page.add_init_script(DUE)
    page.goto(url)
    expect(page.get_by_text(re.compile("全部送达"))).to_be_visible()
    page.wait_for_function(
        f"async () => (await ({KEPT})()).credential !== {json.dumps(first['credential'])}"
    )
    second = page.evaluate(KEPT)
    assert second["device"] == first["device"]
    report(page, url, "换了凭证以后写的一条", with_photo=False)
    expect(page.get_by_text("已送到", exact=True)).to_be_visible()
    # Within the grace a request with the old one may have been under way; later it is a copy.
    assert status_of(county, "/api/phone/parcels", first["credential"]) == 200
    phone.kill()
    page = phone.open()
    page.goto(url)
    expect(page.get_by_text(re.compile("全部送达"))).to_be_visible()
    assert page.evaluate(KEPT)["credential"]
