"""Twelve nasty registers, their truths worked out by hand from workbooks/README.md."""

from datetime import date

import pytest
import xlsxwriter

from lianhu.people.register.read import read_register
from lianhu.people.rules import check_digit

TODAY = date(2026, 11, 23)
MIANFENG, JUNBA, PUXI = "610921103200", "610921101200", "610921102001"


def number(serial, born="19700101"):
    """An ID number of nobody; the last of `serial`'s digits tells a man (odd)."""
    first = f"999321{born}{serial:03}"
    return first + check_digit(first)


def read(tmp_path, rows, *, sheet="台账", merges=()):
    path = tmp_path / "nasty.xlsx"
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as out:
        page = out.add_worksheet(sheet)
        for merge in merges:
            page.merge_range(merge, "")
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, str) and cell:
                    page.write_string(at, column, cell)
                elif isinstance(cell, bool):
                    page.write_boolean(at, column, cell)
                elif cell != "":
                    page.write_number(at, column, cell)
    return read_register(path, today=TODAY)


def read_csv(tmp_path, text, encoding="gb18030"):
    path = tmp_path / "nasty.xls"  # by content, not by its name
    path.write_bytes(text.encode(encoding))
    return read_register(path, today=TODAY)


def rows_of(found, *names):
    return [tuple(getattr(person, name) for name in names) for person in found.rows]


def problems(found):
    return [(p.row, p.field, p.kind) for p in found.problems]


def test_sections_each_under_a_title_of_its_own(tmp_path):
    header = ["户号", "姓名", "与户主关系", "身份证号", "备注"]
    found = read(tmp_path, [
        ["汉阴县平梁镇棉丰村一组户籍花名册"],
        header,
        [1, "王伟", "户主", number(1), ""],
        ["", "李芳", "妻", number(2), ""],
        ["小 计", "2人", "", "", ""],
        [],
        ["平梁镇棉丰村二组户籍花名册"],
        header,
        [1, "张敏", "户主", number(4), "负责人：张敏"],
        ["填表人：赵勇", "", "审核人：钱静", "", ""],
        ["", "2026年11月20日", "", "", ""],
    ])  # fmt: skip
    assert found.header_rows == [("台账", [2, 8])]
    assert rows_of(found, "row", "name", "household", "village_code", "group_code_suffix") == [
        (3, "王伟", 1, MIANFENG, "01"),
        (4, "李芳", 1, MIANFENG, "01"),
        (9, "张敏", 2, MIANFENG, "02"),
    ]
    assert problems(found) == []


def test_hints_and_column_letters_are_no_persons(tmp_path):
    found = read(tmp_path, [
        ["村组", "户主姓名*", "姓名*", "家庭关系*", "公民身份号码*", "性别"],
        ["甲", "乙", "丙", "丁", "戊", "己"],
        ["必填", "必填", "必填", "下拉选择", "18位文本", "选填"],
        ["军坝村三组", "王伟", "王伟", "本人", number(1), "M"],
        ["〃", "同上", "王 娜", "户主之女", number(2), "0"],
        ["", "", "王强", "其子", number(3), "女士"],
    ])  # fmt: skip
    assert rows_of(found, "name", "relation", "sex", "head", "household") == [
        ("王伟", "户主", "1", True, 1),
        ("王娜", "女", "2", False, 1),
        ("王强", "子", "1", False, 1),
    ]
    assert problems(found) == [(6, "sex", "sex_conflict")]


ID_CELLS = [
    ("身份证丢失", None, "id_missing"),
    ("— —", None, "id_missing"),
    ("（待补）", None, "id_missing"),
    ("０００００００００００００００００", None, "id_placeholder"),
    ("999999197001010011", None, "id_placeholder"),
    (99932119700101001.0, None, "id_lost_precision"),
    ("9.99321E+17", None, "id_lost_precision"),
    (number(1) + "42", None, "id_not_citizen"),
    ("军字第0012345号", None, "id_not_citizen"),
    ("E12345678", None, "id_not_citizen"),
    (number(1)[:17], None, "id_malformed"),
    (number(1, "19700231"), None, "id_malformed"),
    (number(1)[:17] + str((int(number(1, "19700101")[17].replace("X", "0")) + 1) % 10), None,
     "id_checksum"),
    ("'" + number(5), number(5), ""),
    ('="' + number(5) + '"', number(5), ""),
    (number(5)[:6] + " " + number(5)[6:14] + "\u200b-" + number(5)[14:], number(5), ""),
    (999321700101005.0, number(5), "id_old15"),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "taken", "kind"), ID_CELLS)
def test_id_cells_in_the_order_of_the_readme(tmp_path, cell, taken, kind):
    found = read(tmp_path, [
        ["户编号", "姓名", "与户主关系", "身份证号码"], ["A001", "王伟", "户主", cell],
    ], sheet="棉丰村1组")  # fmt: skip
    assert rows_of(found, "id_number", "group_code_suffix") == [(taken, "01")]
    assert problems(found) == ([(2, "id_number", kind)] if kind else [])


BIRTHS = [
    ("1968.5", "1968-05", ""), ("1968.10", "1968-10", ""), ("1968.1", "1968-01", ""),
    (1968.1, None, "date_ambiguous"), (1968.05, "1968-05", ""), (1968.12, "1968-12", ""),
    (196805.0, "1968-05", ""), ("68年5月", "1968-05", ""), ("26年5月", "2026-05", ""),
    ("27年5月", "1927-05", ""), (24973.0, "1968-05-15", ""), ("24973", "1968-05-15", ""),
    ("1968年5月3日", "1968-05-03", ""), ("1968-2-30", None, "bad_date"),
    ("腊月初八", None, "bad_date"), ("2026-12-01", None, "bad_date"), ("19680503", "1968-05-03", ""),
    ("１９６８－５－３", "1968-05-03", ""),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "born", "kind"), BIRTHS)
def test_births_without_an_id(tmp_path, cell, born, kind):
    found = read(tmp_path, [
        ["村", "组", "户号", "姓名", "与户主关系", "出生年月"],
        ["军坝", 2, 7, "王伟", "户主", cell],
    ])  # fmt: skip
    assert rows_of(found, "birth", "village_code", "id_number") == [(born, JUNBA, None)]
    assert problems(found) == ([(3 - 1, "birth", kind)] if kind else [])


@pytest.mark.parametrize(
    ("cell", "kind"),
    [(1970.1, ""), (1971.1, "birth_conflict"), ("1970年1月", ""), ("1970.10", "birth_conflict"),
     ("正月初一", "bad_date"), (25569.0, ""), (25570.0, "birth_conflict")],
)  # fmt: skip
def test_a_good_id_tells_what_the_birth_column_meant(tmp_path, cell, kind):
    found = read(tmp_path, [
        ["户号", "姓名", "与户主关系", "身份证号", "出生日期"],
        [1, "王伟", "户主", number(1), cell],
    ])  # fmt: skip
    assert rows_of(found, "birth") == [("1970-01-01",)]
    assert problems(found) == ([(2, "birth", kind)] if kind else [])


PHONES = [
    ("10012345678；100-8765-4321（儿子）", ["10012345678", "10087654321"], False),
    ("+86 100 1234 5678", ["10012345678"], False),
    ("10012345678 10087654321", ["10012345678", "10087654321"], False),
    ("1001234567/10087654321", ["10087654321"], True),
    (10012345678.0, ["10012345678"], False),
    ("同上", [], True), ("无", [], False), ("0086-10012345678", ["10012345678"], False),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "phones", "bad"), PHONES)
def test_phones_are_of_their_own_row(tmp_path, cell, phones, bad):
    found = read(tmp_path, [
        ["户号", "姓名", "与户主关系", "联系方式"],
        [1, "王伟", "户主", "10011112222"],
        ["", "李芳", "妻", cell],
        ["", "王静", "女", ""],
    ])  # fmt: skip
    assert rows_of(found, "phones") == [(["10011112222"],), (phones,), ([],)]
    assert problems(found) == ([(3, "phones", "bad_phone")] if bad else [])


def test_flags_and_remarks(tmp_path):
    said = [("√", True), (1.0, True), ("Ｙ", True), ("×", False), (0.0, False), ("n", False),
            ("", None), ("偶尔", None), (True, True)]  # fmt: skip
    remarks = ["=1+1", "-", "@村里", "+86", "", "－", "- 长期在外", "x" * 32_767, "=" * 2]
    people = [
        [1, f"王{'甲乙丙丁戊己庚辛壬'[n]}", "户主" if n == 0 else "子", flag, remarks[n]]
        for n, (flag, _) in enumerate(said)
    ]
    found = read(tmp_path, [["户号", "姓名", "关系", "是否外出", "备注"], *people])
    assert rows_of(found, "away") == [(value,) for _, value in said]
    assert problems(found) == [
        (2, "remark", "formula_text"), (4, "remark", "formula_text"),
        (5, "remark", "formula_text"), (8, "remark", "formula_text"), (9, "away", "bad_flag"),
        (10, "remark", "formula_text"),
    ]  # fmt: skip


def test_repetitions_go_before_households_are_judged(tmp_path):
    found = read(tmp_path, [
        ["村", "组", "户号", "姓名", "与户主关系", "身份证号"],
        ["棉丰村", "1组", 1, "王伟", "户主", number(1)],
        ["", "", "", "王 伟", "户主", number(1)],
        ["", "", 2, "王伟", "户主", number(1)],
        ["", "", "", "李芳", "妻", number(2)],
        ["", "", "", "李静", "女", number(1)],
        ["", "", "", "", "子", number(3)],
        ["", "", 1, "王强", "户主", number(5)],
    ])  # fmt: skip
    assert rows_of(found, "row", "household", "head", "relation", "id_number") == [
        (2, 1, True, "户主", number(1)), (5, 2, False, "配偶", number(2)),
        (6, 2, False, "女", None), (8, 1, False, None, number(5)),
    ]  # fmt: skip
    assert problems(found) == [
        (3, "id_number", "duplicate_in_file"), (4, "id_number", "person_in_two_households"),
        (5, "relation", "no_head"), (6, "id_number", "id_shared"), (7, "name", "name_missing"),
        (8, "relation", "two_heads"),
    ]  # fmt: skip


def test_a_wrong_place_is_told_where_it_is_written(tmp_path):
    found = read(tmp_path, [
        ["乡镇", "村或社区", "组别", "户主", "姓名", "与户主关系"],
        ["", "大槐树村", "河对岸组", "王伟", "王伟", "户主"],
        ["", "", "", "", "李芳", "妻"],
        ["蒲溪镇", "蒲溪居委会", "组3", "张敏", "张敏", "户主"],
        ["", "集镇社区", "第十二村民小组", "赵勇", "赵勇", "户主"],
        ["不知哪镇", "集镇居委会", "四社", "钱静", "钱静", "户主"],
    ])  # fmt: skip
    places = rows_of(found, "village_code", "group_code_suffix")
    assert places[:3] == [(None, None), (None, None), (PUXI, "03")]
    assert [group for _, group in places[3:]] == ["12", "04"]
    assert problems(found)[:2] == [
        (2, "group", "unknown_group"),
        (2, "village", "unknown_village"),
    ]


def test_two_header_rows_with_somebody_else_in_them(tmp_path):
    found = read(
        tmp_path,
        [
            ["平梁镇棉丰村人口台账"],
            ["序号", "户主信息", "", "家庭成员信息", "", "", "监护人", "", "联系电话"],
            ["", "户主姓名", "户主身份证号", "姓名", "与户主关系", "身份证号", "姓名",
             "身份证号", ""],
            [1, "王伟", number(1), "王伟", "户主", number(1), "", "", "10012345678"],
            [2, "", "", "王小宝", "孙子", number(3, "20200101"), "李芳", number(2), ""],
        ],
        merges=("B2:C2", "D2:F2", "G2:H2", "A2:A3", "I2:I3"),
    )  # fmt: skip
    assert found.header_rows == [("台账", [2, 3])]
    assert rows_of(found, "name", "id_number", "phones", "household", "village_code") == [
        ("王伟", number(1), ["10012345678"], 1, MIANFENG),
        ("王小宝", number(3, "20200101"), [], 1, MIANFENG),
    ]
    assert problems(found) == []


def test_a_csv_of_gbk_under_the_name_of_xls(tmp_path):
    found = read_csv(
        tmp_path,
        "军坝村4组户籍信息表,,,,\r\n户主姓名,姓名,与户主关系,身份证号,出生年月\r\n"
        f'王伟,王伟,户主,="{number(1)}",1970.1\r\n,"李\n芳",妻子,\'{number(2)},\r\n'
        ",王?静,女,9.99321E+17,1999.5\r\n合计,3人,,,\r\n",
    )
    assert rows_of(
        found, "sheet", "row", "name", "id_number", "birth", "group_code_suffix"
    ) == [
        ("", 3, "王伟", number(1), "1970-01-01", "04"),
        ("", 4, "李芳", number(2), "1970-01-01", "04"),
        ("", 5, "王?静", None, "1999-05", "04"),
    ]
    assert problems(found) == [(5, "id_number", "id_lost_precision"), (5, "name", "name_odd")]


def test_names_stay_as_written(tmp_path):
    names = [("张　三", "张三", ""), ("买买提·艾力", "买买提·艾力", ""), ("𠮷野", "𠮷野", ""),
             ("王*", "王*", "name_odd"), ("李2", "李2", "name_odd"),
             ("赵😀", "赵😀", "name_odd")]  # fmt: skip
    people = [[1, cell, "户主" if n == 0 else "其他"] for n, (cell, _, _) in enumerate(names)]
    found = read(tmp_path, [["户号", "村民姓名", "关系"], *people])
    assert rows_of(found, "name") == [(name,) for _, name, _ in names]
    assert problems(found) == [
        (n, "name", kind) for n, (_, _, kind) in enumerate(names, 2) if kind
    ]


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"<html><table><tr><td>\xd0\xd5\xc3\xfb</td></tr></table></html>", "not_a_workbook"),
     (b"PK\x03\x04cut off", "broken_file"),
     (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 90, "broken_file"),
     (b"", "not_a_workbook")],
)  # fmt: skip
def test_files_that_are_none(tmp_path, content, kind):
    path = tmp_path / "nasty.xls"
    path.write_bytes(content)
    found = read_register(path, today=TODAY)
    assert (found.readable, [p.kind for p in found.problems]) == (False, [kind])
