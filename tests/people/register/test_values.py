"""One cell at a time: what it says, and what is wrong with it."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianhu.kernel.catalogue import read
from lianhu.people.register import cells
from lianhu.people.register.dates import birth
from lianhu.people.register.findings import Problem
from lianhu.people.register.headings import field_of, table
from lianhu.people.register.identity import judge
from lianhu.people.register.places import group_suffix, places_of, split_group
from lianhu.people.register.rows import is_hint, is_note, is_numbering, is_signature, is_sum
from lianhu.people.rules import RELATION_WORDS, check_digit

TODAY, COMPACT = "2026-11-23", "20261123"
GOOD = "999321196405025533"


@pytest.mark.parametrize(
    ("cell", "number", "kind"),
    [
        (GOOD, GOOD, ""), (f" {GOOD[:6]} {GOOD[6:]}\u200b", GOOD, ""), (f"'{GOOD}", GOOD, ""),
        (f'="{GOOD}"', GOOD, ""), ("９９９３２１１９６４０５０２５５３３", GOOD, ""),
        ("999321-19640502-5533", GOOD, ""), ("99932119910730460x", "99932119910730460X", ""),
        ("99932119910730460Ｘ", "99932119910730460X", ""), ("\t" + GOOD, GOOD, ""),
        ("", None, "id_missing"), ("无", None, "id_missing"), ("待补", None, "id_missing"),
        ("未办理", None, "id_missing"), ("—", None, "id_missing"), (None, None, "id_missing"),
        ("/", None, "id_missing"), ("暂 无", None, "id_missing"),
        ("000000000000000000", None, "id_placeholder"), ("11111", None, "id_placeholder"),
        ("999321199999999999", None, "id_placeholder"), (9.99999e17, None, "id_placeholder"),
        (9.99321196405026e17, None, "id_lost_precision"), (1.2e16, None, "id_lost_precision"),
        ("9.99321E+17", None, "id_lost_precision"), ("9.99E+17", None, "id_lost_precision"),
        (GOOD + "41", None, "id_not_citizen"), ("E12345678", None, "id_not_citizen"),
        ("军字第0000917号", None, "id_not_citizen"), ("护照E1234", None, "id_not_citizen"),
        (GOOD[:17], None, "id_malformed"), (GOOD + "1", None, "id_malformed"),
        ("999321196402305535", None, "id_malformed"), ("12345", None, "id_malformed"),
        ("99932120990502553X", None, "id_malformed"), (640502.0, None, "id_malformed"),
        ("999321196405025534", None, "id_checksum"),
        ("999321640502553", GOOD, "id_old15"), (999321640502553.0, GOOD, "id_old15"),
        ("999321641302553", None, "id_malformed"),
    ],
)  # fmt: skip
def test_an_id_number(cell, number, kind):
    found = judge(cell, COMPACT)
    assert (found.number, found.kind) == (number, kind)


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.integers(0, 999))
def test_every_good_number_is_good_and_any_other_last_sign_is_not(born, serial):
    first = f"999321{born:%Y%m%d}{serial:03}"
    number = first + check_digit(first)
    if "99999" in number:
        return
    assert judge(number, COMPACT).number == number
    others = [first + sign for sign in "0123456789X" if first + sign != number]
    assert {judge(n, COMPACT).kind for n in others if "99999" not in n} == {"id_checksum"}


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1968-05-02", "1968-05-02"), ("1968/5/2", "1968-05-02"), ("1968.5.2", "1968-05-02"),
        ("19680502", "1968-05-02"), (19680502.0, "1968-05-02"), ("1968年5月2日", "1968-05-02"),
        (date(1968, 5, 2), "1968-05-02"), (datetime(1968, 5, 2, 8), "1968-05-02"),  # noqa: DTZ001
        ("1968-05-02 00:00:00", "1968-05-02"), ("68年5月2日", "1968-05-02"),
        ("1968.5", "1968-05"), ("1968.05", "1968-05"), ("1968年5月", "1968-05"),
        ("196805", "1968-05"), (196805.0, "1968-05"), ("68年5月", "1968-05"),
        ("05年5月", "2005-05"), ("26年5月", "2026-05"), ("27年5月", "1927-05"),
        ("1968.1", "1968-01"), ("1968.10", "1968-10"), (1968.05, "1968-05"), (1968.5, "1968-05"),
        (1968.11, "1968-11"), (24682.0, "1967-07-29"), ("24682", "1967-07-29"),
        ("一九六八年五月二日", "1968-05-02"), ("一九六八年十二月", "1968-12"), ("", None), (None, None),
        ("１９６８．５", "1968-05"), ("1968－05－02", "1968-05-02"),
    ],
)  # fmt: skip
def test_a_date_of_birth(cell, value):
    assert birth(cell, TODAY) == (value, "", ())


@pytest.mark.parametrize(
    "cell",
    ["腊月初八", "1982年农历四月十六", "1974年13月", "1974-02-30", 19740230.0, "2099-01-01", "不详",
     1968.13, 1968.0, "1968", 99999.0, "1068.5", date(2027, 1, 1), 680502.0],
)  # fmt: skip
def test_no_date_of_birth(cell):
    assert birth(cell, TODAY).kind == "bad_date"


def test_a_number_cell_may_have_lost_a_zero():
    assert birth(1968.1, TODAY) == (None, "date_ambiguous", ("1968-01", "1968-10"))


def test_days_may_count_from_1904():
    assert birth(23220.0, TODAY, True) == birth(24682.0, TODAY)


@pytest.mark.parametrize(
    ("cell", "numbers", "good"),
    [
        ("10012345678", ["10012345678"], True), (10012345678.0, ["10012345678"], True),
        ("100 1234 5678", ["10012345678"], True), ("100-1234-5678", ["10012345678"], True),
        ("+8610012345678", ["10012345678"], True), ("86 100 1234 5678", ["10012345678"], True),
        ("008610012345678", ["10012345678"], True), ("10012345678（儿子）", ["10012345678"], True),
        ("10012345678 10023456789", ["10012345678", "10023456789"], True),
        ("10012345678;10023456789", ["10012345678", "10023456789"], True),
        ("100 1234 0086、100 2345 6789", ["10012340086", "10023456789"], True),
        ("10012345678(妻)10023456789", ["10012345678", "10023456789"], True),
        ("儿子：10012345678", ["10012345678"], True), ("１００１２３４５６７８", ["10012345678"], True),
        ("", [], True), ("无", [], True), ("—", [], True), ("1001234567", [], False),
        ("100123456789", [], False), ("10012345678；1002345678", ["10012345678"], False),
        ("1002345678 10012345678", ["10012345678"], False), ("同上", [], False),
        ("1.00123E+10", [], False), (100123456789.0, [], False),
    ],
)  # fmt: skip
def test_telephones(cell, numbers, good):
    assert cells.phones(cell) == (numbers, good)


@pytest.mark.parametrize(
    ("cell", "value"),
    [("是", True), ("√", True), (1.0, True), ("有", True), ("ｙ", True), ("否", False), ("×", False),
     (0.0, False), ("无", False), ("N", False), ("", None), (None, None), (" ", None)],
)  # fmt: skip
def test_a_flag(cell, value):
    assert cells.flag(cell) == (value, True)
    assert cells.flag("不清楚") == (None, False)


@pytest.mark.parametrize(
    ("cell", "name", "plain"),
    [
        ("张　三", "张三", True),
        (" 欧阳 娜娜 ", "欧阳娜娜", True),
        ("阿依古丽·买买提", "阿依古丽·买买提", True),
        ("𠮷𡃁", "𠮷𡃁", True),
        ("叶德仁😀", "叶德仁😀", False),
        ("王?", "王?", False),
        ("李1", "李1", False),
        ("何玲*", "何玲*", False),
        ("", "", False),
    ],
)
def test_a_name(cell, name, plain):
    assert cells.name(cell) == (name, plain)


@pytest.mark.parametrize(
    ("cell", "suffix"),
    [
        ("1组", "01"),
        ("一组", "01"),
        ("第一村民小组", "01"),
        ("１组", "01"),
        (1.0, "01"),
        ("01", "01"),
        ("十二组", "12"),
        ("二十一组", "21"),
        ("第3小组", "03"),
        ("3组（梨树湾）", "03"),
        ("大坪三组", "03"),
        ("梨树湾", None),
        ("三岔湾", None),
        ("河对岸组", None),
        ("0", None),
        ("100组", None),
        ("十", "10"),
    ],
)
def test_a_group(cell, suffix):
    assert group_suffix(cells.text(cell)) == suffix


@pytest.mark.parametrize(
    ("cell", "village", "group"),
    [("胜利村一组", "胜利村", "一组"), ("蒲溪镇胜利村第一村民小组", "蒲溪镇胜利村", "第一村民小组"),
     ("胜利村梨树湾", "胜利村", "梨树湾"), ("健康村民委员会三组", "健康村民委员会", "三组"),
     ("五一一组", "五一", "一组"), ("集镇社区居委会2组", "集镇社区居委会", "2组"), ("2组", "", "2组")],
)  # fmt: skip
def test_village_and_group_in_one_cell(cell, village, group):
    assert split_group(cell) == (village, group)


@pytest.mark.parametrize(
    ("name", "town", "code"),
    [
        ("棉丰村", "", "610921103200"),
        ("棉丰", "", "610921103200"),
        ("棉丰村委会", "", "610921103200"),
        ("棉丰村村民委员会", "", "610921103200"),
        ("棉丰村民委员会", "", "610921103200"),
        ("陕西省安康市汉阴县平梁镇棉丰村", "", "610921103200"),
        ("平梁棉丰村", "", "610921103200"),
        ("汉阴县棉丰村", "", "610921103200"),
        ("蒲溪村", "", "610921102200"),
        ("蒲溪社区居民委员会", "", "610921102001"),
        ("蒲溪镇蒲溪村", "", "610921102200"),
        ("集镇社区", "610921107", "610921107001"),
        ("漩涡镇集镇居委会", "", "610921107001"),
        ("双乳", "", "610921104200"),
        ("观音河村", "", "610921112200"),
        ("五一村", "", "610921100209"),
    ],
)
def test_a_village(name, town, code):
    assert places_of("610921").village(name, town).code == code


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("望江台社区", "unknown_village"),
        ("集镇社区", "ambiguous_village"),
        ("蒲溪", "ambiguous_village"),
        ("涧池镇棉丰村", "unknown_village"),
        ("平梁镇", "unknown_village"),
        ("村", "unknown_village"),
    ],
)
def test_no_village_is_guessed(name, kind):
    found = places_of("610921").village(name)
    assert (found.code, found.kind) == (None, kind)


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("汉阴县涧池镇军坝村户籍人口台账（2025年）", "610921101200"),
        ("军坝", "610921101200"),
        ("军坝村1组", "610921101200"),
        ("蒲溪镇村民户籍信息表", None),
        ("村级人口台账", None),
        ("Sheet1", None),
    ],
)
def test_a_title_may_name_the_village(title, code):
    found = places_of("610921").village_in(title)
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("heading", "title", "field"),
    [
        ("姓名*", "", "name"),
        ("姓　名", "", "name"),
        ("家庭成员（姓名）", "", "name"),
        ("身份证\n号码（18位）", "", "id_number"),
        ("户主身份证号码", "", "ignored"),
        ("监护人姓名", "", "ignored"),
        ("姓名", "户主信息", "head_name"),
        ("身份证号码", "户主信息", "ignored"),
        ("姓名", "监护人", "ignored"),
        ("户号", "户主信息", "household"),
        ("姓名", "家庭成员", "name"),
        ("联系电话1", "", "phones"),
        ("村（社区）", "", "village"),
        ("镇（街道）", "", "town"),
        ("外出务工（是/否）", "", "away"),
        ("曾用名", "", "ignored"),
        ("月收入", "", ""),
        (1.0, "", ""),
    ],
)
def test_a_heading(heading, title, field):
    assert field_of(heading, title) == field


def test_no_heading_stands_for_two_fields():
    data = read("register/headings.toml")
    assert "headings" not in data
    found = {}
    for section in ("place", "household"):
        for field, words in data[section].items():
            for word in words:
                assert found.setdefault(word, field) == field, word
    assert {table()[word] for word in data["ignored"]["words"]} == {"ignored"}


def test_every_relation_is_one_of_the_closed_list():
    assert set(cells.relations().values()) == set(RELATION_WORDS.values())
    spelled = read("register/words.toml")["relation"]
    flat = [word for words in spelled.values() for word in words]
    assert len(flat) == len(set(flat))


def test_rows_that_are_no_persons():
    assert is_sum(["小  计", "16人"], "16人")
    assert is_sum(["本页合计", "户数"], "")
    assert is_sum(["总计：98人"], "")
    assert not is_sum(["王伟", "共计两亩地"], "王伟")
    assert is_signature(["填表人：", "审核人："], "审核人：")
    assert is_signature(["村支书："], "村支书：")
    assert not is_signature(["王伟", "1组"], "王伟")
    assert is_numbering(["1", "2", "3"])
    assert is_numbering(["甲", "乙", "丙", "1"])
    assert not is_numbering(["1", "王伟", "3"])
    assert is_hint(["必填", "选填", "格式：1990-01-01"], "必填")
    assert is_note(["平梁镇2025年户籍人口台账"])
    assert not is_note(["王伟"])


def test_every_kind_has_words():
    readme = cells.read("register/kinds.toml")["words"]
    assert len(readme) == 31
    assert Problem("", 0, "file", "too_large").kind in readme
