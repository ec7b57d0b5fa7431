"""docs/reference/never.md: each thing that Lianhu never does has tests that exist, and no screen,
form or letter says otherwise."""

import ast
import json
import re

from tests.house.files import ROOT, imports_of, ours, text_of

PAGE = "docs/reference/never.md"
LINK = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
# What would be the words of counting people's use of the app, or of setting them against each other.
WORDS = re.compile(
    r"打卡|签到|点名|考勤|出勤|到岗|排名|排行|名次|末位|红黑榜|红榜|黑榜|光荣榜|积分|得分|打分"
    r"|在线时[长间]|安装率|装机率|使用率|活跃|登录次数|达标|完成率|走访率|覆盖率|指标任务|任务数"
    r"|至少走访|最少走访|必须走访|轨迹|行踪|足迹|电子围栏|考核"
)
# Where the words say that we do not, ask whether somebody does, or are about another's time sheet.
DENIALS = {
    "catalogue/fields.toml": "不作考核",
    "catalogue/reaching.toml": "不作考核（国办函〔2026〕12号不许统计在线时间）",
    "src/lianhu/desk/templates/desk/asking.html": "不作考核",
    "src/lianhu/desk/templates/desk/sign_ins.html": "不作考核",
    "catalogue/grading/forbidden.toml": '"积分", "评分", "信用", "风险", "表现", "不配合", "不听话", '
    '"五失", "重点人员", "稳控", "打分"',
    "src/lianhu/board/templates/board/privacy.html": "补助和积分",
    "src/lianhu/demo/texts/matters.toml": "考勤和欠条",
    "src/lianhu/board/templates/board/report.html": "要您打卡拍照",
    "web/phone/src/pages/MePage.vue": "不打卡、不排名",
}
# What the register holds already: a letter that names a household or a person asks for none of it.
HELD = {
    "name",
    "head_name",
    "phone",
    "id_number",
    "born_on",
    "sex",
    "size",
    "address",
    "place",
    "grid",
}
PROPOSALS = "person.propose"  # its whole purpose is to say what of it has changed


def rows() -> list[list[str]]:
    """The cells of every row of the page's tables."""
    lines = text_of(PAGE).splitlines()
    table = [line for line in lines if line.startswith("|") and not line.startswith("|---")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def named(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_line_of_the_page_has_tests_that_exist():
    """That each of them fails when it should, `tests/never` shows."""
    told = [cells for cells in rows() if cells[0] != "never"]
    assert len(told) > 20
    for cells in told:
        links = LINK.findall(cells[-1])
        assert links, f"no test for: {cells[0]}"
        for path, name in links:
            assert (ROOT / path).is_file(), path
            assert name in named(path), f"{path}::{name}"


def spoken(name: str, text: str) -> list[str]:
    """The words of a screen that must not be on any."""
    if name in DENIALS:
        text = text.replace(DENIALS[name], "")
    return [f"{name}: {word}" for word in WORDS.findall(text)]


def test_no_screen_speaks_of_checking_in_points_or_ranks():
    found = []
    for name, text in ours(".html", ".vue", ".ts", ".py", ".toml"):
        if name.startswith(("src/lianhu/", "web/phone/src/", "catalogue/")):
            found += spoken(name, text)
    assert found == []
    assert spoken("web/phone/src/pages/MePage.vue", "本月打卡") != []


def forced(text: str) -> list[str]:
    """Fields for photos that must be filled in, or that open the camera at once."""
    fields = re.findall(r"<input[^>]*type=\"file\"[^>]*>", text)
    return [f for f in fields if "image" in f and re.search(r"\brequired\b|\bcapture\b", f)] + [
        f for f in fields if re.search(r"video|audio", f)
    ]


def test_no_form_forces_a_photo_or_asks_for_video_or_sound():
    found = [(name, forced(text)) for name, text in ours(".html", ".vue")]
    assert [(name, fields) for name, fields in found if fields] == []
    assert forced('<input type="file" accept="image/*" required>') != []
    assert forced('<input type="file" accept="video/*">') != []


def asks_again(name: str, text: str) -> list[str]:
    """What a letter about a household or person asks that the register holds."""
    body = json.loads(text)["properties"]["body"].get("properties", {})
    if PROPOSALS in name or not {"household_id", "person_id"} & set(body):
        return []
    return sorted(HELD & set(body))


def test_no_letter_asks_for_what_the_register_holds():
    letters = [(n, t) for n, t in ours(".schema.json") if n.startswith("contracts/letters/")]
    assert len(letters) >= 5
    assert [
        (name, asks_again(name, text)) for name, text in letters if asks_again(name, text)
    ] == []
    again = {"properties": {"body": {"properties": {"household_id": {}, "phone": {}}}}}
    assert asks_again("x", json.dumps(again)) == ["phone"]


CALLING = re.compile(
    r"^(requests|httpx|urllib3|aiohttp|websockets?|paramiko|pika|kafka|zeep|smtplib|poplib|imaplib"
    r"|ftplib|telnetlib|nntplib|xmlrpc|socket|asyncio|http\.client|urllib\.request)(\.|$)"
)
MAY_CALL = {
    "src/lianhu/kernel/sms.py",  # the one-time codes of residents, by the county's gateway
    "src/lianhu/kernel/provider.py",  # the county's own identity provider, if it names one
}


def calls(text: str) -> bool:
    """Whether a module can call another machine."""
    return any(CALLING.match(name) for name in imports_of(text))


def test_the_server_calls_no_other_system():
    found = {
        name for name, text in ours(".py") if name.startswith("src/lianhu/") and calls(text)
    }
    assert found == MAY_CALL
    assert calls("def send():\n    from http.client import HTTPSConnection")
