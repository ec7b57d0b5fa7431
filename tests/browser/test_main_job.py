"""The main job, end to end: from a warden's phone without signal to the answer on it."""

import io
import re
import time
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from bench.serving import County
from tests.browser.chromium import Chromium
from tests.browser.conftest import PICTURES, sign_in
from tests.browser.signal_gate import Gate

WORDS = "桥头的垃圾堆了三天，夏天味道大，娃娃上学都绕路。"
ANSWER = "已经派车清运，桥头新装了带盖的垃圾箱。"


def photo() -> bytes:
    """A JPEG as a camera makes it, with a place in its EXIF."""
    picture = Image.effect_noise((1800, 1200), 60).convert("RGB")
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    content = io.BytesIO()
    picture.save(content, "JPEG", exif=exif)
    return content.getvalue()


def enrol(page: Page, county: County, gate: Gate, account: str = "warden") -> str:
    """Enrol a phone by its link, as from the QR code; the app's address."""
    token = county.post("/demo/enrol", {"account": account})["token"]
    url = f"http://127.0.0.1:{gate.port}/phone/"
    page.goto(f"{url}#enrol={token}")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("heading", name="今日")).to_be_visible()
    expect(page.get_by_text(re.compile("全部送达"))).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return url


def report(page: Page, url: str, words: str, *, with_photo: bool) -> None:
    """Report a matter of the environment in three taps and some words."""
    page.goto(f"{url}report")
    page.get_by_role("button", name="环境", exact=True).click()
    page.locator("textarea").fill(words)
    if with_photo:
        page.locator('input[type="file"]').set_input_files(
            {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo()}
        )
        expect(page.get_by_role("img", name="照片 1")).to_be_visible()
    page.get_by_role("button", name="存下来").click()
    # With a signal it may have been sent by the time one looks; without one it cannot.
    expect(page.get_by_text(re.compile("^(已存本机|已送到)$"))).to_be_visible()


def take(page: Page, matter: str, step: str, words: str = "", to: str = "") -> None:
    """One step at the desk, by the form on the matter's page."""
    page.goto(matter)
    form = page.locator(f'form[action$="/{step}/"]').first
    if not form.is_visible():
        page.locator("details", has=page.locator(f'form[action$="/{step}/"]')).first.locator(
            "summary"
        ).click()
    if to:
        form.locator("select").select_option(to)
    if words:
        form.locator("textarea").fill(words)
    form.locator("button").last.click()
    page.wait_for_load_state("networkidle")


def until(found: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not found():
        if time.monotonic() > end:
            pytest.fail("it did not come about in time")
        time.sleep(0.3)


def test_a_matter_travels_from_the_phone_to_its_answer(
    county: County, gate: Gate, phone: Chromium, desk: Chromium
) -> None:
    page = phone.open()
    url = enrol(page, county, gate)
    page.screenshot(path=PICTURES / "phone.png")

    gate.shut()
    report(page, url, WORDS, with_photo=True)
    page.screenshot(path=PICTURES / "phone-saved-offline.png")

    phone.kill()
    page = phone.open()
    page.goto(url)
    expect(page.get_by_text(re.compile("已存本机 1 条"))).to_be_visible()

    gate.open()
    expect(page.get_by_text(re.compile("全部送达"))).to_be_visible(timeout=90_000)

    office = desk.open(width=1440, height=900)
    sign_in(office, county.url, "secretary")
    office.goto(f"{county.url}/desk/")
    office.screenshot(path=PICTURES / "desk.png")
    office.goto(f"{county.url}/desk/matters/?queue=under&state=all&words=垃圾堆了三天")
    rows = office.locator("table.matters tbody tr", has_text="桥头的垃圾堆了三天")
    mine = [
        row.locator("a.title").get_attribute("href")
        for row in rows.all()
        if "等受理" in row.inner_text()
    ]
    assert len(mine) == 1, "the letter arrived exactly once"
    matter = f"{county.url}{mine[0]}"
    take(office, matter, "accept")
    take(office, matter, "dispatch", "请环卫站派车", to="610921104:environment")
    office.screenshot(path=PICTURES / "desk-matter.png", full_page=True)
    expect(office.get_by_alt_text(re.compile("上报的照片"))).to_be_visible()
    code = office.locator(".code").first.inner_text()

    sign_in(office, county.url, "town")
    take(office, matter, "handle", "到现场看了，明早派车")
    take(office, matter, "answer", ANSWER)
    assert office.locator('form[action$="/verify/"]').count() == 0, (
        "nobody checks his own answer"
    )

    sign_in(office, county.url, "secretary")
    take(office, matter, "verify", "去看过，清干净了")
    take(office, matter, "close")

    resident = desk.playwright.chromium.launch(
        executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
    )
    plain = resident.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 780}
    ).new_page()
    plain.goto(f"{county.url}/follow/{code}/")
    expect(plain.get_by_text(ANSWER)).to_be_visible()
    plain.screenshot(path=PICTURES / "board-follow.png", full_page=True)
    plain.locator('form[action$="/rate/"] button[value="5"]').click()
    expect(plain.get_by_text("5 分", exact=False).first).to_be_visible()
    resident.close()
    office.goto(matter)
    expect(office.get_by_text(re.compile("评 5 分")).first).to_be_visible()

    page.goto(url)
    answered = page.get_by_role("link", name=re.compile("桥头的垃圾堆了三天.*看答复"))
    expect(answered).to_be_visible(timeout=60_000)
    page.screenshot(path=PICTURES / "phone-today-answered.png")
    answered.click()
    expect(page.get_by_text(ANSWER).first).to_be_visible()
    page.screenshot(path=PICTURES / "phone-answer.png")
