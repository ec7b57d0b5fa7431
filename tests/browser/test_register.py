"""The register's two journeys: a messy workbook mended and applied; a change said without signal."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from bench.serving import County
from tests import cast
from tests.browser.chromium import Chromium
from tests.browser.conftest import sign_in
from tests.browser.signal_gate import Gate
from tests.browser.test_main_job import enrol
from tests.browser.test_pages import faults

MIXED = Path(__file__).parents[1] / "people" / "register" / "workbooks" / "r06_mixed.xlsx"


def mend(page: Page, kind: str, value: str) -> None:
    """Mend the first cell of a kind."""
    page.locator(f'a.pill[href="?kind={kind}"]').click()
    page.locator("table input[name=value]").first.fill(value)
    page.locator('table form[action="correct/"] button').first.click()
    expect(page.get_by_text("已按您写的重新核对。")).to_be_visible()
    page.locator('a.pill[href="?"]').click()


def test_a_messy_workbook_is_mended_applied_and_taken_back(
    county: County, desk: Chromium
) -> None:
    page = desk.open(width=1440, height=900)
    sign_in(page, county.url, "data")
    page.goto(f"{county.url}/desk/register/")
    page.set_input_files("#file", MIXED)
    page.get_by_role("button", name="传上来核对").click()
    expect(page.get_by_role("button", name="应用：写入 357 人")).to_be_visible()
    assert faults(page) == []
    mend(page, "id_checksum", cast.make_id_number(811))
    mend(page, "name_odd", "叶德仁")
    expect(page.get_by_role("heading", name="改过的格")).to_be_visible()
    page.get_by_role("button", name=re.compile("应用：写入")).click()
    expect(page.get_by_text("已导入。")).to_be_visible()
    assert faults(page) == []
    expect(page.get_by_text("“叶德仁”收")).to_be_visible()
    page.get_by_role("button", name="整批撤销").click()
    expect(page.get_by_text("已整批撤销。")).to_be_visible()


def test_a_change_said_without_signal_is_decided_and_heard(
    county: County, gate: Gate, phone: Chromium, desk: Chromium
) -> None:
    page = phone.open()
    url = enrol(page, county, gate)
    page.goto(f"{url}households")
    page.locator('a[href*="/households/"]').first.click()
    expect(page.get_by_text("家里人", exact=True)).to_be_visible()
    home = page.url
    gate.shut()
    page.get_by_text("家里情况有变").click()
    page.get_by_role("group", name=re.compile("谁")).get_by_role("button").first.click()
    page.get_by_role("button", name="在家还是外出").click()
    page.get_by_role("button", name="出去了").click()
    page.get_by_label("去了哪里").fill("佛坪")
    assert faults(page) == []
    page.get_by_role("button", name="存下来，报给村里").click()
    expect(page.get_by_text("已存本机", exact=True)).to_be_visible()
    gate.open()
    expect(page.get_by_text("已送到", exact=True)).to_be_visible(timeout=90_000)

    office = desk.open(width=1440, height=900)
    sign_in(office, county.url, "secretary")
    office.goto(f"{county.url}/desk/proposals/")
    card = office.locator("section.proposal").filter(has_text="外出 佛坪")
    expect(card).to_be_visible()
    assert faults(office) == []
    card.get_by_role("button", name="照这样改登记").click()
    expect(office.get_by_text("登记已照手机报的改好")).to_be_visible()

    page.goto(home)
    expect(page.get_by_text(re.compile("外出 佛坪”：村里已改"))).to_be_visible(timeout=90_000)
