"""What somebody wrote, or took a photo of, and has not sent: in no file of the browser in clear,
and never lost: not by a kill, not by the end of the lease, not by the end of the device."""

import base64
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from bench.serving import County
from tests.browser.chromium import Chromium
from tests.browser.conftest import PICTURES, sign_in
from tests.browser.profile import found
from tests.browser.signal_gate import Gate
from tests.browser.test_lease import LATER, OPEN, enrolled
from tests.browser.test_main_job import photo, report

# Keeps in the page's memory what the app takes from its canvas: what is to be in no file.
WATCH = """
window.taken = [];
const toBlob = HTMLCanvasElement.prototype.toBlob;
HTMLCanvasElement.prototype.toBlob = function (done, ...how) {
  return toBlob.call(this, async (blob) => {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    window.taken.push(btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join('')));
    done(blob);
  }, ...how);
};
"""
STEP, RUN = 20_000, 48
LETTER, DRAFT, LATE = "没送出去的那件屋里事", "写到一半的屋里事", "三天没信号时写到一半的"
BEFORE = "封存以前写到一半的"  # other words than another test sends to the same county
TURNED = "付了\u202e0001元，写到一半"


@pytest.fixture
def page(phone: Chromium) -> Page:
    opened = phone.open()
    opened.add_init_script(WATCH)
    return opened


def again(phone: Chromium, url: str, script: str = "") -> Page:
    """The browser started once more."""
    page = phone.open()
    page.add_init_script(WATCH + script)
    page.goto(url)
    return page


def runs(page: Page) -> list[bytes]:
    """Pieces of every picture that the page took: each is in these bytes and in nothing else."""
    taken = [base64.b64decode(one) for one in page.evaluate("window.taken")]
    pieces = [one[at : at + RUN] for one in taken for at in range(700, len(one) - RUN, STEP)]
    assert len(pieces) > 10, "something to look for"
    return pieces


def begin(page: Page, url: str, words: str) -> list[bytes]:
    """Half a report with a photo; pieces of that photo."""
    page.goto(f"{url}report")
    page.get_by_role("button", name="环境", exact=True).click()
    page.locator("textarea").press_sequentially(words)
    page.locator('input[type="file"]').set_input_files(
        {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    expect(page.get_by_role("img", name="照片 1")).to_be_visible()
    expect(page.get_by_text("写的都存在手机上")).to_be_visible()
    return runs(page)


def take_up(page: Page, words: str) -> Locator:
    """The half of a report on the first page, taken up again."""
    page.get_by_role("link", name=re.compile(f"{words}.*接着写")).click()
    expect(page.locator("textarea")).to_have_value(re.compile(words))
    picture = page.get_by_role("img", name="照片 1")
    expect(picture).to_be_visible()
    assert picture.evaluate("(one) => one.naturalWidth") > 0
    return picture


def arrived(desk: Chromium, county: County, words: str) -> None:
    """It is at the office once, with its photo."""
    office = desk.open(width=1440, height=900)
    sign_in(office, county.url, "county")
    office.goto(f"{county.url}/desk/matters/?queue=under&state=all&words={words}")
    rows = office.locator("table.matters tbody tr", has_text=words)
    expect(rows).to_have_count(1)
    rows.locator("a.title").click()
    shown = office.get_by_alt_text(re.compile("上报的照片"))
    expect(shown).to_have_count(1)
    shown.scroll_into_view_if_needed()
    office.wait_for_function("(one) => one.naturalWidth > 0", arg=shown.element_handle())


def test_half_a_report_survives_a_kill_sealed_and_arrives_once_with_its_photo(
    county: County, gate: Gate, phone: Chromium, desk: Chromium, page: Page
) -> None:
    url, key = enrolled(page, county, gate)
    gate.shut()
    photos = begin(page, url, DRAFT)
    page.locator("textarea").press_sequentially("，再添几个字")
    phone.kill()
    assert found(phone.profile, [DRAFT, *photos]) == {}
    page = again(phone, url)
    take_up(page, DRAFT)
    page.locator("textarea").press_sequentially("。杀过一次")
    page.get_by_role("button", name="存下来").click()
    expect(page.get_by_text("已存本机", exact=True)).to_be_visible()
    phone.quit(page)
    assert found(phone.profile, [DRAFT, "杀过一次", *photos]) == {}
    assert found(phone.profile, [key]), "the search sees into the files"
    gate.open()
    page = again(phone, url)
    expect(page.get_by_text(re.compile("全部送达"))).to_be_visible(timeout=90_000)
    arrived(desk, county, DRAFT)


def test_the_search_sees_words_and_photos_that_are_not_sealed(
    county: County, gate: Gate, phone: Chromium, page: Page
) -> None:
    url, _ = enrolled(page, county, gate, OPEN)
    gate.shut()
    photos = begin(page, url, DRAFT)
    phone.quit(page)
    seen = found(phone.profile, [DRAFT, *photos])
    assert DRAFT in seen
    assert sum(isinstance(one, bytes) for one in seen) > len(photos) / 2


def test_after_the_lease_drafts_and_photos_are_sealed_and_come_back_with_the_next(
    county: County, gate: Gate, phone: Chromium, desk: Chromium, page: Page
) -> None:
    url, key = enrolled(page, county, gate)
    gate.shut()
    report(page, url, LETTER, with_photo=True)
    photos = runs(page)
    photos += begin(page, url, BEFORE)
    phone.quit(page)
    page = again(phone, url, LATER % 73)
    expect(page.get_by_text("您的户和事先收起来了")).to_be_visible()
    expect(page.get_by_text("1 条没写完的封着")).to_be_visible()
    page.screenshot(path=PICTURES / "phone-drafts-sealed.png")
    photos += begin(page, url, LATE)
    page.goto(url)
    expect(page.get_by_text("2 条没写完的封着")).to_be_visible()
    assert not any(words in page.content() for words in (LETTER, BEFORE, LATE))
    phone.quit(page)
    assert found(phone.profile, [LETTER, BEFORE, LATE, *photos]) == {}
    assert found(phone.profile, [key]) == {}
    gate.open()
    page = again(phone, url)
    expect(page.get_by_text(re.compile("全部送达"))).to_be_visible(timeout=90_000)
    for words in (BEFORE, LATE):
        page.goto(url)
        take_up(page, words)
        page.get_by_role("button", name="存下来").click()
        expect(page.get_by_text(re.compile("^(已存本机|已送到)$"))).to_be_visible()
    page.goto(url)
    expect(page.get_by_text(re.compile("全部送达"))).to_be_visible(timeout=90_000)
    phone.quit(page)
    for words in (LETTER, BEFORE, LATE):
        arrived(desk, county, words)
        desk.kill()


def test_a_sealed_draft_is_not_written_over(
    county: County, gate: Gate, phone: Chromium, page: Page
) -> None:
    """Its address is opened after the lease: no empty form under its name."""
    url, _ = enrolled(page, county, gate)
    gate.shut()
    begin(page, url, DRAFT)
    address = page.url
    phone.quit(page)
    page = again(phone, address, LATER % 73)
    expect(page.get_by_text("没写完的这一条封着")).to_be_visible()
    expect(page.locator("textarea")).to_have_count(0)
    gate.open()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("textarea")).to_have_value(DRAFT, timeout=90_000)


def test_a_draft_outlives_the_end_of_its_device(
    county: County, gate: Gate, phone: Chromium, desk: Chromium, page: Page
) -> None:
    url, key = enrolled(page, county, gate)
    photos = begin(page, url, DRAFT)
    page.goto(f"{url}me")
    name = page.locator(".person b").inner_text()
    device = page.locator("dl.kv dd").nth(1).inner_text()
    office = desk.open(width=1440, height=900)
    sign_in(office, county.url, "secretary")
    office.goto(f"{county.url}/desk/staff/?words={name}")
    office.get_by_role("link", name=name).first.click()
    ending = office.locator(f'form[action$="{device}/revoke/"]')
    office.locator("details", has=ending).locator("summary").click()
    ending.get_by_role("button", name="确定停用").click()
    page.goto(url)
    expect(page.get_by_text("1 条没写完的封着")).to_be_visible()
    phone.quit(page)
    assert found(phone.profile, [DRAFT, *photos]) == {}
    assert found(phone.profile, [key]) == {}
    page = phone.open()
    enrolled(page, county, gate)
    page.goto(url)
    take_up(page, DRAFT)


def test_turning_signs_in_ones_own_words_are_shown(
    county: County, gate: Gate, phone: Chromium, page: Page
) -> None:
    url, _ = enrolled(page, county, gate)
    gate.shut()
    begin(page, url, TURNED)
    page.goto(url)
    expect(page.get_by_text("付了⇄0001元")).to_be_visible()
    page.get_by_role("link", name=re.compile("接着写")).click()
    expect(page.locator("textarea")).to_have_value(TURNED)
    page.get_by_role("button", name="存下来").click()
    expect(page.get_by_text("已存本机", exact=True)).to_be_visible()
    page.goto(f"{url}outbox")
    expect(page.get_by_text("付了⇄0001元")).to_be_visible()
    assert "\u202e" not in page.content()
