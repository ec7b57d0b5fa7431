"""Every page at 360 and 1440 px: axe finds nothing serious, nothing is wider than the screen."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, expect

from bench.serving import County
from tests.browser.chromium import Chromium
from tests.browser.conftest import PICTURES, sign_in
from tests.browser.signal_gate import Gate
from tests.browser.test_main_job import enrol

SIZES = ((360, 780), (1440, 900))
VILLAGE = "610921104200"
BOARD = (
    "/", "/t/610921104/", f"/v/{VILLAGE}/", f"/v/{VILLAGE}/poster/",
    f"/report/?village={VILLAGE}&kind=environment", "/report/", "/follow/", "/complaint/",
    "/privacy/", "/demo/", "/desk/sign-in/",
)  # fmt: skip
HOUSEHOLD = (
    "/mine/", "/mine/held/", "/mine/looked/", "/mine/correct/", "/mine/appeal/", "/mine/ask/",
)  # fmt: skip
DESK = (
    "/desk/", "/desk/matters/", "/desk/matters/?queue=under&state=all&order=-received",
    "/desk/report/", f"/desk/places/{VILLAGE}/", "/desk/staff/", "/desk/letters/", "/desk/ledger/",
    "/desk/households/", "/desk/register/", "/desk/proposals/", "/desk/password/",
    "/desk/visits/due/",
    "/desk/grids/",
    "/desk/visits/",
    "/desk/devices/",
    "/desk/staff/?line=past",
    "/desk/requests/",
    "/desk/duplicates/",
    "/desk/grades/",
    "/desk/me/",
    "/desk/sign-ins/",
)  # fmt: skip
PHONE = ("", "households", "grid", "report", "policies", "me", "outbox", "matters")
NAMED = re.compile(r"[^a-z0-9]+")


def faults(page: Page) -> list[str]:
    """What axe calls serious or critical, and what sticks out at the side."""
    found = [
        f"{v['id']}: {v['nodes'][0]['html'][:120]}"
        for v in Axe().run(page).response["violations"]
        if v["impact"] in {"serious", "critical"}
    ]
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return found + ([f"{wide} px too wide"] if wide > 0 else [])


def walk(page: Page, urls: list[str]) -> dict[str, list[str]]:
    """Faults by page and size; every page must open."""
    found: dict[str, list[str]] = {}
    refused: list[str] = []  # what the pages' own policy would not run or show

    def hear(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            refused.append(f"{page.url}: {message.text}")

    for url in urls:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.on("console", hear)
            answer = page.goto(url)
            page.wait_for_load_state("networkidle")
            page.remove_listener("console", hear)  # axe styles what it looks at
            if answer is None or answer.status >= 400:
                found[url] = [f"status {answer.status if answer else 'none'}"]
                continue
            if bad := faults(page):
                found[f"{url} {width}"] = bad
    return found | ({"policy": refused} if refused else {})


def test_the_board_is_open_to_everybody(county: County, desk: Chromium) -> None:
    page = desk.open()
    assert walk(page, [county.url + path for path in BOARD]) == {}
    for name, path in (("board", f"/v/{VILLAGE}/"), ("board-report", BOARD[4])):
        page.set_viewport_size({"width": 360, "height": 780})
        page.goto(county.url + path)
        page.screenshot(path=PICTURES / f"{name}.png")


@pytest.mark.parametrize(
    "account", ["secretary", "supervisor", "town", "county", "leader", "data"]
)
def test_the_desk_is_open_to_its_people(county: County, desk: Chromium, account: str) -> None:
    page = desk.open()
    sign_in(page, county.url, account)
    page.goto(f"{county.url}/desk/")
    links = {
        link.get_attribute("href") or ""
        for link in page.locator("header nav a, header a").all()
    }
    wanted = [p for p in DESK if p in links or p in {"/desk/", "/desk/password/"}]
    if account == "data":
        wanted.append("/desk/accounts/new/")
    if account == "secretary":
        wanted.append(f"/desk/places/{VILLAGE}/resources/")
    if "/desk/matters/" in links:
        wanted.append(DESK[2])
        page.goto(f"{county.url}{DESK[2]}")
        matter = page.locator("a.title").first
        if matter.count():
            wanted.append(str(matter.get_attribute("href")))
    assert len(wanted) > 3
    assert walk(page, [county.url + path for path in wanted]) == {}


def test_a_household_is_open_to_itself(county: County, desk: Chromium) -> None:
    page = desk.open()
    sign_in(page, county.url, "resident")
    expect(page.get_by_role("heading", level=1)).to_contain_text("家")
    page.screenshot(path=PICTURES / "board-household.png", full_page=True)
    found = walk(page, [county.url + path for path in HOUSEHOLD])
    page.goto(f"{county.url}/mine/ask/")
    page.get_by_label("删除").check()
    page.get_by_label("说清楚一点").fill("地图上的位置不要留")
    page.get_by_role("button", name="提出申请").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("收到了")
    assert found | walk(page, [page.url]) == {}


def test_the_counter_answers_a_household(county: County, desk: Chromium) -> None:
    page = desk.open()
    sign_in(page, county.url, "town")
    page.goto(f"{county.url}/desk/places/?place={VILLAGE}&list=1")
    page.locator("a[href^='/desk/households/']").first.click()
    page.get_by_role("link", name="个人信息申请").click()
    found = walk(page, [page.url])
    page.get_by_label("来的是谁").select_option(index=1)
    page.get_by_label("看了身份证").check()
    page.get_by_role("radio", name="说明").check()
    page.get_by_label("他怎么说").fill("为什么存电话")
    page.get_by_role("button", name="收下").click()
    found |= walk(page, [page.url])
    page.get_by_label("照办").check()
    page.get_by_label("答复的话").fill("有急事好联系您。")
    page.get_by_role("button", name="答复", exact=True).click()
    expect(page.get_by_text("有急事好联系您。")).to_be_visible()
    assert found | walk(page, [page.url, f"{county.url}/desk/requests/"]) == {}


@pytest.mark.parametrize("large", [False, True])
def test_the_phone_is_open_to_old_hands(
    county: County, gate: Gate, phone: Chromium, large: bool
) -> None:
    page = phone.open()
    url = enrol(page, county, gate)
    if large:
        page.goto(f"{url}me")
        page.get_by_text("大字", exact=False).first.click()
    found: dict[str, list[str]] = {}
    for path in PHONE:
        page.goto(url + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_timeout(500)
        if bad := faults(page):
            found[path] = bad
        if large:
            page.screenshot(path=PICTURES / f"phone-large-{path or 'today'}.png")
            small = page.evaluate(
                "[...document.querySelectorAll('button, a, summary')].filter(e => e.offsetParent)"
                ".map(e => e.getBoundingClientRect()).filter(r => r.height && r.height < 59).length"
            )
            if small:
                found[f"{path} targets"] = [f"{small} lower than 60 px"]
    assert found == {}
