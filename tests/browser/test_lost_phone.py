"""From a phone that breaks to a new one in work: what was not sent comes along, nothing twice."""

import re
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from bench.serving import County
from tests.browser.chromium import Chromium, chromium
from tests.browser.conftest import PICTURES, sign_in
from tests.browser.signal_gate import Gate
from tests.browser.test_enrolment import confirm_digits
from tests.browser.test_main_job import enrol, report

WORDS = "旧手机里没送出去的一条"


def test_a_broken_phone_is_handed_over(
    playwright: Playwright, county: County, gate: Gate, phone: Chromium, desk: Chromium,
    tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    old = phone.open()
    url = enrol(old, county, gate)
    gate.shut()
    report(old, url, WORDS, with_photo=True)
    old.goto(f"{url}me")
    name = old.locator(".person b").inner_text()
    device = old.locator("dl.kv dd").nth(1).inner_text()
    with old.expect_download() as saved:
        old.get_by_role("button", name=re.compile("把没送出的存成文件")).click()
    old.screenshot(path=PICTURES / "phone-rescue.png", full_page=True)
    file = tmp_path / "outbox.lianhu"
    saved.value.save_as(file)
    assert WORDS not in file.read_text(), "the file is sealed"
    phone.kill()
    gate.open()

    begun = time.monotonic()
    office = desk.open(width=1440, height=900)
    sign_in(office, county.url, "secretary")
    for _ in range(2):
        office.goto(f"{county.url}/desk/rescue/")
        office.locator('input[type="file"]').set_input_files(file)
        office.get_by_role("button", name="导入", exact=True).click()
        expect(
            office.get_by_text(re.compile("文件里有 1 条：1 条已入库.*照片 1 张已收到"))
        ).to_be_visible()
    office.screenshot(path=PICTURES / "desk-rescue.png", full_page=True)
    office.goto(f"{county.url}/desk/matters/?queue=under&state=all&words={WORDS}")
    expect(office.locator("table.matters tbody tr", has_text=WORDS)).to_have_count(1)

    office.goto(f"{county.url}/desk/staff/?words={name}")
    office.get_by_role("link", name=name).first.click()
    ending = office.locator(f'form[action$="{device}/revoke/"]')
    office.locator("details", has=ending).locator("summary").click()
    ending.get_by_role("button", name="确定停用").click()
    expect(office.get_by_text("这部手机已停用", exact=False).first).to_be_visible()
    office.get_by_role("button", name="登记一部手机").click()
    address = office.locator(".enrol .code").text_content() or ""
    with chromium(playwright) as another:
        new = another.open()
        new.goto(address.replace(county.url, f"http://127.0.0.1:{gate.port}"))
        new.get_by_role("button", name="登记", exact=True).click()
        confirm_digits(new, office)
        expect(new.get_by_text(re.compile("全部送达"))).to_be_visible()
        expect(new.get_by_role("heading", name="今日")).to_be_visible()
        report(new, url, "新手机的第一条", with_photo=False)
        expect(new.get_by_text("已送到", exact=True)).to_be_visible()
    seconds = time.monotonic() - begun
    with capsys.disabled():
        sys.stdout.write(f"\nhanded over to a new phone in {seconds:.0f} s\n")

    old = phone.open()
    old.goto(url)
    expect(old.get_by_text(re.compile("要重新登记"))).to_be_visible()
