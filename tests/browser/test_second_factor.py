"""The second factor in a real browser: set up by a code app, then by a passkey, then sign in."""

import re
import time
from base64 import b32decode

from playwright.sync_api import Page, expect

from bench.serving import County
from lianhu.accounts.rules import code_at
from tests.browser.chromium import Chromium
from tests.browser.conftest import PICTURES, sign_in
from tests.browser.test_pages import SIZES, faults

TOWN, OWN = "610921104", "双乳的桥头有三棵老柳树"


def one_time_password(office: Page, url: str) -> tuple[str, str]:
    """The name and a one-time password of a town officer, as the data officer gives them."""
    sign_in(office, url, "data")
    office.goto(f"{url}/desk/staff/?place={TOWN}&line=office")
    office.locator("tr", has_text="镇干部").locator("a.title").first.click()
    office.locator("summary", has_text="重设密码").click()
    office.get_by_role("button", name="确定重设").click()
    shown = office.get_by_role("region", name="一次性密码").locator("b.code")
    return shown.nth(0).inner_text(), shown.nth(1).inner_text()


def judged(page: Page, name: str) -> dict[str, list[str]]:
    """Faults of the page that is open, at both sizes; and its picture."""
    found = {}
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        if bad := faults(page):
            found[f"{name} {width}"] = bad
        page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)
    return found


def give_password(page: Page, url: str, username: str, password: str) -> None:
    page.goto(f"{url}/desk/sign-in/")
    page.get_by_label("登录名").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()


def test_a_town_officer_sets_up_a_code_app_and_a_passkey(
    county: County, desk: Chromium, phone: Chromium
) -> None:
    url = county.url.replace("127.0.0.1", "localhost")  # a passkey wants a name, not an address
    username, lent = one_time_password(desk.open(), county.url)
    page = phone.open(width=1440, height=900)
    give_password(page, url, username, lent)
    expect(page.get_by_role("heading", level=1)).to_have_text("先设好第二道验证")
    found = judged(page, "second-choose")
    page.get_by_role("button", name="用手机验证器").click()
    key = page.locator("details .code").text_content() or ""
    secret = b32decode(key.replace(" ", ""))
    found |= judged(page, "second-app")
    page.get_by_label("6 位数字").fill(code_at(secret, int(time.time()) // 30))
    page.get_by_role("button", name="设好").click()
    expect(page.locator("ol.codes li")).to_have_count(10)
    paper = page.locator("ol.codes li").nth(0).inner_text()
    found |= judged(page, "second-codes")
    page.get_by_role("link", name="抄好了").click()
    expect(page).to_have_url(re.compile("/desk/password/$"))  # the password was lent
    page.get_by_label("现在的密码").fill(lent)
    page.get_by_label("新密码", exact=True).fill(OWN)
    page.get_by_label("新密码再写一遍").fill(OWN)
    page.get_by_role("button", name="改好").click()
    page.get_by_role("button", name="退出").click()

    give_password(page, url, username, OWN)
    expect(page.get_by_role("heading", level=1)).to_have_text("再确认是您本人")
    found |= judged(page, "second-show")
    page.locator("#code").fill(code_at(secret, int(time.time()) // 30 + 1))
    page.get_by_role("button", name="进去").click()
    expect(page).to_have_url(re.compile("/desk/$"))

    tool = page.context.new_cdp_session(page)
    tool.send("WebAuthn.enable")
    tool.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
    }})  # fmt: skip
    page.goto(f"{url}/desk/me/")
    found |= judged(page, "mine")
    page.get_by_role("link", name="添加一种第二道验证").click()
    page.get_by_label("给它起个名字").fill("办公室电脑")
    page.get_by_role("button", name="用通行密钥").click()
    expect(page.get_by_text("通行密钥“办公室电脑”")).to_be_visible()
    found |= judged(page, "mine-passkey")
    page.locator("header").get_by_role("button", name="退出").click()

    give_password(page, url, username, OWN)
    page.get_by_role("button", name="用通行密钥").click()
    expect(page).to_have_url(re.compile("/desk/$"))
    page.locator("header").get_by_role("button", name="退出").click()

    give_password(page, url, username, OWN)
    page.locator("#code").fill(paper)
    page.get_by_role("button", name="进去").click()
    expect(page).to_have_url(re.compile("/desk/$"))
    assert found == {}


def test_the_data_officers_page_of_sign_ins(county: County, desk: Chromium) -> None:
    page = desk.open()
    sign_in(page, county.url, "data")
    page.goto(f"{county.url}/desk/sign-ins/")
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    assert judged(page, "sign-ins") == {}
