"""Six digits before the households: chosen under 我 or asked for by the county, asked for at each
start, never before writing."""

import re

from playwright.sync_api import Page, expect

from bench.serving import County
from tests.browser.chromium import Chromium
from tests.browser.conftest import PICTURES
from tests.browser.profile import found
from tests.browser.signal_gate import Gate
from tests.browser.test_lease import PART, canaries, enrolled
from tests.browser.test_main_job import report

DIGITS = "281905"
# What a county answers that asks each phone for them; the demo's own does not.
ASKED = """
const ask = window.fetch.bind(window);
window.fetch = async (where, how) => {
  const answer = await ask(where, how);
  if (!answer.ok || !String(where).endsWith('/api/phone/parcels')) return answer;
  return new Response(JSON.stringify({ ...(await answer.json()), pin: true }), answer);
};
"""


def give(page: Page, digits: str, label: str) -> None:
    page.get_by_label(label).fill(digits)


def test_digits_stand_before_the_households_and_not_before_writing(
    county: County, gate: Gate, phone: Chromium
) -> None:
    words = canaries(county)
    page = phone.open()
    url, part = enrolled(page, county, gate)
    page.goto(f"{url}me")
    page.get_by_role("link", name=re.compile("加六位开门数字")).click()
    give(page, DIGITS, "定六位开门数字")
    page.screenshot(path=PICTURES / "phone-pin-choose.png")
    give(page, DIGITS, "再输一遍")
    expect(page.get_by_role("link", name=re.compile("换开门数字"))).to_be_visible()
    phone.quit(page)
    assert found(phone.profile, words) == {}
    gate.shut()

    page = phone.open()
    page.goto(url)
    give(page, "111111", "请输六位数字")
    expect(page.get_by_text("不对，还可以试 9 次。")).to_be_visible()
    page.screenshot(path=PICTURES / "phone-pin.png")
    assert not any(word in page.content() for word in words)
    report(page, url, "没输数字也记下的一条", with_photo=False)
    page.goto(url)
    give(page, DIGITS, "请输六位数字")
    expect(page.get_by_role("heading", name="今日")).to_be_visible()
    page.get_by_role("link", name="我的户").click()
    expect(page.locator(".list a.row").first).to_be_visible()
    gate.open()
    expect(page.get_by_text(re.compile("全部送达"))).to_be_visible(timeout=90_000)
    phone.quit(page)
    now = phone.open()
    now.goto(url)
    expect(now.get_by_label("请输六位数字")).to_be_visible()
    phone.quit(now)
    assert part not in found(phone.profile, [part]), "the part lies there only closed"


def test_a_county_that_asks_has_every_phone_choose_its_digits_first(
    county: County, gate: Gate, phone: Chromium
) -> None:
    words = canaries(county)
    page = phone.open()
    page.add_init_script(ASKED)
    token = county.post("/demo/enrol", {"account": "warden"})["token"]
    url = f"http://127.0.0.1:{gate.port}/phone/"
    page.goto(f"{url}#enrol={token}")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_label("定六位开门数字")).to_be_visible()
    assert not any(word in page.content() for word in words)
    part = bytes(page.evaluate(PART))
    page.get_by_role("link", name="先报一件事").click()
    report(page, url, "还没定数字就报的一条", with_photo=False)
    page.goto(url)
    give(page, DIGITS, "定六位开门数字")
    give(page, DIGITS, "再输一遍")
    page.get_by_role("link", name="我的户").click()
    expect(page.locator(".list a.row").first).to_be_visible()
    page.get_by_role("link", name="我", exact=True).click()
    page.get_by_role("link", name=re.compile("换开门数字")).click()
    expect(page.get_by_role("button", name="不要数字了")).to_have_count(0)
    phone.quit(page)
    assert found(phone.profile, [*words, part]) == {}
    page = phone.open()
    page.goto(url)
    expect(page.get_by_label("请输六位数字")).to_be_visible()
