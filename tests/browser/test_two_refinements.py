"""Every household in a grid, with the care it needs: from a messy workbook to an appeal.

A county of its own, because grids are divided anew; its text messages go to a gateway on loopback.
"""

import json
import re
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Locator, Page, expect

from bench.serving import County
from tests import cast
from tests.browser.chromium import Chromium
from tests.browser.conftest import sign_in
from tests.browser.signal_gate import Gate
from tests.browser.test_main_job import enrol
from tests.browser.test_pages import faults

WHO, NUMBER = "周桂兰", "13900006666"
NEED = "屋檐的电线垂下来了，够得着手。"
APPEAL = "孙子搬回来同住了，请再看看我家现在要帮多少。"


class Messages(HTTPServer):
    """The county's gateway for text messages: keeps what it is handed."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hand)
        self.texts: list[dict[str, str]] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Hand(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.texts.append(json.loads(body))  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing on the screen."""


class OwnCounty(County):
    """A county whose messages go to a gateway."""

    gateway = ""

    @property
    def environment(self) -> dict[str, str]:
        """As any county, with the gateway."""
        own = {"LIANHU_SMS": "http", "LIANHU_SMS_URL": self.gateway, "LIANHU_SMS_TOKEN": "t"}
        return super().environment | own


@pytest.fixture
def messages() -> Iterator[Messages]:
    found = Messages()
    yield found
    found.shutdown()
    found.server_close()


@pytest.fixture
def county(messages: Messages) -> Iterator[County]:
    OwnCounty.gateway = f"http://127.0.0.1:{messages.server_port}/send"
    with OwnCounty("sqlite", scale=0.02) as found:
        yield found.serve()


def workbook(path: Path, group: str) -> Path:
    """A register as it comes: titles above, 同上, blank rows, totals and a signature below, and two
    ID numbers that cannot be."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("六月报")
    rows: list[list[str]] = [
        ["双乳镇双乳村户籍登记表"], ["填报日期：2026年11月"], [],
        ["村、组", "户 号", "姓 名", "与户主关系", "居民身份证号码", "联系电话"],
        [f"双乳村{group}", "990001", f" {WHO} ", "户主", cast.make_id_number(602), NUMBER],
    ]  # fmt: skip
    for n, sign in enumerate("乙丙丁戊己庚辛壬癸子丑寅", start=2):
        head, wife = cast.make_id_number(601 + 2 * n), cast.make_id_number(600 + 2 * n)
        if n in {5, 9}:
            head = head[:17] + ("1" if head[17] != "1" else "2")
        rows += [
            ["同上", f"9900{n:02d}", f"钱有{sign}", "本人", head, f"1００{n:08d}"],
            ["〃", f"9900{n:02d}", f"孙秀{sign}", "妻", wife, ""],
            [],
        ]  # fmt: skip
    rows += [["合 计", "", "25 人"], ["填表人：钱有甲", "", "审核人："]]
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return path


class Taps:
    """Counts what a thumb does."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, target: Locator) -> None:
        target.click()
        self.count += 1


def group_of(county: County) -> tuple[str, str]:
    """The demo warden's grid, and the name of its group."""
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{county.url}/api/phone/me", headers={"Authorization": f"Bearer {county.enrol()}"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - loopback
        me = json.loads(answer.read())
    (grid,) = me["grids"]
    return grid, me["places"][grid[:14]]


def import_register(page: Page, county: County, file: Path) -> None:
    """The data officer mends two cells and applies the rest."""
    sign_in(page, county.url, "data")
    page.goto(f"{county.url}/desk/register/")
    page.set_input_files("#file", file)
    page.get_by_role("button", name="传上来核对").click()
    expect(page.get_by_role("button", name="应用：写入 25 人")).to_be_visible()
    assert faults(page) == []
    draft = page.url.partition("?")[0]
    for number in (801, 803):
        page.goto(f"{draft}?kind=id_checksum")
        page.locator("table input[name=value]").first.fill(cast.make_id_number(number))
        page.locator('table form[action="correct/"] button').first.click()
        expect(page.get_by_text("已按您写的重新核对。")).to_be_visible()
    page.goto(draft)
    page.get_by_role("button", name=re.compile("应用：写入")).click()
    expect(page.get_by_text("已导入。")).to_be_visible()


def divide(page: Page, county: County, grid: str) -> None:
    """The town looks at the proposal, moves the household by hand to the warden's grid, applies."""
    sign_in(page, county.url, "town")
    page.goto(f"{county.url}/desk/places/{grid[:14]}/grids/")
    expect(page.get_by_text(re.compile("[1-9][0-9]* 户新编入网格"))).to_be_visible()
    assert faults(page) == []
    page.get_by_text("把户移到别的网格").first.click()
    page.get_by_label(re.compile("^周.*家（1 人")).check()
    page.locator("#to").select_option(grid)
    page.get_by_role("button", name="按这些重新算").click()
    page.get_by_role("button", name="应用这个方案").click()
    expect(page.get_by_text("网格方案已应用")).to_be_visible()


def decide(page: Page, county: County) -> str:
    """The rules suggest, the secretary decides, the town confirms; the household's address."""
    sign_in(page, county.url, "secretary")
    page.goto(f"{county.url}/desk/places/?words={WHO}")
    page.locator("a.title", has_text=WHO).click()
    home = page.url
    page.get_by_role("link", name="怎样帮这一户").click()
    page.get_by_text("登记一项", exact=True).click()
    page.locator("#kind").select_option("minimum_living")
    page.locator("#since").fill("2026-01-01")
    page.locator("#source").fill("低保证 第 77 号")
    page.get_by_role("button", name="登记", exact=True).click()
    suggested = page.get_by_role("heading", name=re.compile("系统建议"))
    expect(suggested).to_contain_text("连心户")
    page.get_by_role("button", name="这样决定").click()
    expect(page.get_by_text("您提的，要由另一个人来确认。")).to_be_visible()
    assert page.get_by_role("button", name=re.compile("我同意")).count() == 0

    sign_in(page, county.url, "town")
    page.goto(f"{county.url}/desk/grades/?view=confirm")
    row = page.locator("tbody tr", has_text=re.compile("独居老人，低保"))
    row.filter(has_text=re.compile("周")).get_by_role("link", name="去看、去确认").click()
    page.get_by_role("button", name=re.compile("我同意")).click()
    expect(page.get_by_text("已确认，今天起按连心户帮。")).to_be_visible()
    return home


def visit(page: Page, url: str, gate: Gate) -> None:
    """Without signal: all well in three taps; then a need, whose words are typed once."""
    due = page.locator("a.row", has_text=WHO).filter(has_text="该去看看了")
    expect(due).to_contain_text("■连心户，还没有去过，该去看看了", timeout=90_000)
    assert faults(page) == []
    gate.shut()
    page.goto(f"{url}grid")
    doctor = page.get_by_role("link", name="打电话给双乳村卫生室")
    expect(doctor).to_have_attribute("href", re.compile("^tel:100[0-9]+$"))
    assert faults(page) == []
    page.goto(url)
    tap = Taps()
    others = page.locator("a.row").filter(has_text="该去看看了").filter(has_not_text=WHO)
    tap(others.first)
    tap(page.get_by_role("link", name=re.compile("^去了")))
    tap(page.get_by_role("button", name="都好，存下来"))
    expect(page.get_by_text("已存本机", exact=True)).to_be_visible()
    assert tap.count == 3

    page.goto(url)
    page.locator("a.row", has_text=WHO).first.click()
    page.get_by_role("link", name=re.compile("^去了")).click()
    for duty in ("政策到户", "意见到户"):
        page.get_by_role("button", name=duty).click()
    page.locator("textarea").fill(NEED)
    page.get_by_text("他家有难处，要人办").click()
    page.get_by_role("button", name="安全", exact=True).click()
    assert page.locator("textarea").count() == 1, "nothing is typed twice"
    assert faults(page) == []
    page.get_by_role("button", name="存下来", exact=True).click()
    expect(page.get_by_text("已存本机", exact=True)).to_be_visible()
    page.goto(url)
    expect(page.locator("a.row", has_text=WHO).filter(has_text="该去看看了")).to_have_count(0)
    gate.open()
    expect(page.get_by_text(re.compile("全部送达"))).to_be_visible(timeout=90_000)


def appeal(page: Page, county: County, messages: Messages) -> None:
    """The household comes in by a code, reads why, and does not agree."""
    page.goto(f"{county.url}/mine/")
    page.get_by_label("您的手机号").fill(NUMBER)
    page.get_by_role("button", name="收验证码").click()
    expect(page.get_by_label("短信里的 6 位数字")).to_be_visible()
    for _ in range(100):
        if messages.texts:
            break
        page.wait_for_timeout(100)
    (told,) = messages.texts
    assert told["to"] == NUMBER
    code = re.search(r"\d{6}", told["text"])
    assert code is not None
    page.get_by_label("短信里的 6 位数字").fill(code[0])
    page.get_by_role("button", name="进去看").click()
    expect(page.get_by_role("heading", name=f"{WHO}家")).to_be_visible()
    colour = page.get_by_role("region", name="多走访、多帮多少")
    expect(colour).to_contain_text("连心户")
    expect(colour).to_contain_text("独居老人，低保")
    expect(page.get_by_text(NEED).first).to_be_visible()
    assert faults(page) == []
    page.get_by_role("link", name="不同意，申诉").click()
    page.get_by_label("您怎么看").fill(APPEAL)
    page.get_by_role("button", name="提出申诉").click()
    page.goto(f"{county.url}/mine/")
    expect(colour).to_contain_text("定下来以前照样帮")
    expect(colour).to_contain_text("连心户")


def test_a_household_comes_into_a_grid_is_visited_and_appeals(
    county: County,
    gate: Gate,
    phone: Chromium,
    desk: Chromium,
    messages: Messages,
    tmp_path: Path,
) -> None:
    grid, group = group_of(county)
    office = desk.open(width=1440, height=900)
    import_register(office, county, workbook(tmp_path / "六组.xlsx", group))
    divide(office, county, grid)
    home = decide(office, county)

    page = phone.open()
    url = enrol(page, county, gate)
    visit(page, url, gate)

    sign_in(office, county.url, "secretary")
    office.goto(home)
    went = office.get_by_role("region", name="走访")
    expect(went).to_contain_text("政策到户 意见到户")
    expect(went).to_contain_text(NEED)
    expect(office.get_by_role("region", name="这一户的事")).to_contain_text(
        "屋檐的电线垂下来了"
    )
    office.goto(f"{county.url}/desk/visits/due/?colour=red")
    expect(office.locator("tbody tr", has_text=WHO)).to_have_count(0)

    office.context.clear_cookies()
    office.set_viewport_size({"width": 360, "height": 780})
    appeal(office, county, messages)
    office.set_viewport_size({"width": 1440, "height": 900})
    sign_in(office, county.url, "county")
    office.goto(f"{county.url}/desk/grades/?view=appeals")
    expect(office.locator("tbody tr", has_text=APPEAL[:20])).to_be_visible()
    page.goto(url)
    page.get_by_role("link", name=re.compile("我的户")).click()
    kept = page.locator("a.row", has_text=WHO)
    expect(kept).to_contain_text("连心")
