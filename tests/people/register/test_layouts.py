"""Where things stand: headers, places, households, rows that are no persons."""

from datetime import date

import pytest
import xlsxwriter

from lianhu.people.register.read import read_register
from lianhu.people.rules import check_digit

TODAY = date(2026, 11, 23)


def number(serial):
    first = f"99932119700101{serial:03}"
    return first + check_digit(first)


def book(tmp_path, *sheets):
    """Sheets as (name, rows, merges); "" is an empty cell."""
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(str(path)) as out:
        for name, rows, *merges in sheets:
            sheet = out.add_worksheet(name)
            for merge in merges:
                sheet.merge_range(merge, "")
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if cell != "":
                        put = (
                            sheet.write_string if isinstance(cell, str) else sheet.write_number
                        )
                        put(at, column, cell)
    return read_register(path, today=TODAY)


def homes(found):
    """Names by household, and where each is."""
    grouped = {}
    for person in found.rows:
        grouped.setdefault(person.household, []).append(person.name)
    return list(grouped.values())


def places(found):
    return [(p.village_code, p.group_code_suffix) for p in found.rows]


def problems(found):
    return [(p.row, p.field, p.kind) for p in found.problems]


PLAIN = ["户主姓名", "姓名", "与户主关系", "身份证号"]


def test_the_place_comes_from_the_sheets_name_then_from_the_title(tmp_path):
    rows = [PLAIN, ["王伟", "王伟", "户主", number(1)]]
    found = book(
        tmp_path,
        ("军坝村", rows),
        ("洞河村3组", [PLAIN, ["李芳", "李芳", "户主", number(2)]]),
        (
            "Sheet3",
            [["平梁镇棉丰村第二村民小组户籍表"], PLAIN, ["张敏", "张敏", "户主", number(3)]],
        ),
    )
    assert places(found) == [
        ("610921101200", None), ("610921101201", "03"), ("610921103200", "02"),
    ]  # fmt: skip
    assert problems(found) == []


def test_a_town_in_the_title_narrows_homonyms(tmp_path):
    header = ["村、社区", "组", *PLAIN]
    rows = [["漩涡镇人口台账"], header, ["集镇社区", 1, "王伟", "王伟", "户主", number(1)]]
    assert places(book(tmp_path, ("台账", rows))) == [("610921107001", "01")]


def test_a_homonym_in_the_title_is_told_once(tmp_path):
    rows = [
        ["集镇社区户籍表"],
        PLAIN,
        ["王伟", "王伟", "户主", number(1)],
        ["", "李芳", "妻", number(2)],
    ]
    found = book(tmp_path, ("台账", rows))
    assert problems(found) == [(0, "village", "ambiguous_village")]


def test_numbers_start_again_in_each_group_and_rows_may_stand_anywhere(tmp_path):
    header = ["村", "组", "户号", "姓名", "与户主关系", "身份证号"]
    rows = [
        header,
        ["军坝村", "1组", "01", "王伟", "户主", number(1)],
        ["军坝村", "2组", 1, "李芳", "户主", number(2)],
        ["军坝村委会", "一组", 1, "王娜", "妻", number(3)],
        ["军坝", "第二村民小组", "0001", "李静", "女", number(4)],
    ]
    found = book(tmp_path, ("台账", rows))
    assert homes(found) == [["王伟", "王娜"], ["李芳", "李静"]]


def test_without_a_number_the_heads_name_parts_households(tmp_path):
    rows = [
        PLAIN,
        ["王伟", "王伟", "户主", number(1)],
        ["", "王娜", "妻", number(2)],
        [],
        ["同上", "王静", "女", number(3)],
        ["李芳", "李强", "夫", number(4)],
    ]
    found = book(tmp_path, ("台账", rows))
    assert homes(found) == [["王伟", "王娜", "王静"], ["李强"]]
    assert problems(found) == [(6, "relation", "no_head")]


def test_without_both_a_head_begins_a_household(tmp_path):
    rows = [
        ["村组", "姓名", "关系", "身份证号"],
        ["军坝村一组", "王伟", "户主", number(1)],
        ["", "王娜", "妻", number(2)],
        ["军坝村梨树湾", "李芳", "本人", number(3)],
    ]
    found = book(tmp_path, ("台账", rows))
    assert homes(found) == [["王伟", "王娜"], ["李芳"]]
    assert places(found)[2] == ("610921101200", None)
    assert problems(found) == [(4, "group", "unknown_group")]


def test_phones_are_never_carried_down(tmp_path):
    header = ["户主", "姓名", "关系", "身份证号", "联系电话"]
    rows = [
        header,
        ["王伟", "王伟", "户主", number(1), "10012345678"],
        ["", "王娜", "妻", number(2), ""],
    ]
    assert [p.phones for p in book(tmp_path, ("台账", rows)).rows] == [["10012345678"], []]


def test_titles_over_the_columns_say_whose_they_are(tmp_path):
    rows = [
        ["户籍人口台账"],
        ["户主", "", "家庭成员", "", "", "监护人", "", "备注"],
        ["姓名", "身份证号码", "姓名", "与户主关系", "身份证号码", "姓名", "联系电话", ""],
        ["王伟", number(9), "王娜", "妻", number(2), "赵强", "10012345678", "=1+1"],
    ]
    merges = ["A1:H1", "A2:B2", "C2:E2", "F2:G2", "H2:H3"]
    found = book(tmp_path, ("台账", rows, *merges))
    assert found.header_rows == [("台账", [2, 3])]
    (person,) = found.rows
    assert (person.name, person.id_number, person.phones) == ("王娜", number(2), [])
    assert found.homes[0].head_name == "王伟"
    assert problems(found) == [(4, "relation", "no_head"), (4, "remark", "formula_text")]


@pytest.mark.parametrize("merges", [["A1:A2", "B1:B2", "C1:C2", "D1:E1"], ["D1:E1"], []])
def test_finer_headings_under_some_columns(tmp_path, merges):
    rows = [
        ["户号", "姓名", "与户主关系", "联系方式", "", "身份证号码"],
        ["", "", "", "手机", "座机", ""],
        ["1", "王伟", "户主", "10012345678", "", number(1)],
    ]
    found = book(tmp_path, ("台账", rows, *merges))
    assert found.header_rows == [("台账", [1, 2])]
    assert found.rows[0].phones == ["10012345678"]


def test_another_table_may_follow_on_the_same_sheet(tmp_path):
    rows = [
        ["军坝村户籍人口台账"],
        PLAIN,
        ["王伟", "王伟", "户主", number(1)],
        ["合计", "1人"],
        [],
        ["洞河村户籍人口台账"],
        ["姓名", "户主姓名", "身份证号", "与户主关系"],
        ["李芳", "李芳", number(2), "户主"],
    ]
    found = book(tmp_path, ("台账", rows))
    assert found.header_rows == [("台账", [2, 7])]
    assert places(found) == [("610921101200", None), ("610921101201", None)]
    assert problems(found) == []


def test_the_rows_under_the_header_that_explain_it(tmp_path):
    rows = [
        ["序号", "户号", "姓名", "与户主关系", "身份证号", "出生日期"],
        ["甲", "乙", "丙", "丁", "戊", "己"],
        [1, 2, 3, 4, 5, 6],
        ["", "必填", "必填", "选填", "18位", "格式：1990-01-01"],
        [1, 1, "王伟", "户主", number(1), ""],
    ]
    found = book(tmp_path, ("台账", rows))
    assert [p.name for p in found.rows] == ["王伟"]
    assert problems(found) == []


def test_of_two_columns_for_one_field_the_first_counts(tmp_path):
    rows = [
        [
            "户号",
            "姓名",
            "曾用名",
            "与户主关系",
            "与户主关系（与派出所人口比对）",
            "电话",
            "手机号码",
        ],
        [1, "王伟", "王小", "户主", "子", "10012345678", "10023456789"],
    ]
    (person,) = book(tmp_path, ("台账", rows)).rows
    assert (person.name, person.head, person.phones) == ("王伟", True, ["10012345678"])


def test_without_an_id_column_no_id_is_missed(tmp_path):
    found = book(tmp_path, ("台账", [["户号", "姓名", "与户主关系"], [1, "王伟", "户主"]]))
    assert problems(found) == []


def test_the_same_person_again(tmp_path):
    header = ["村", "组", "户号", "姓名", "与户主关系", "身份证号", "出生日期"]
    rows = [
        header,
        ["军坝村", 1, 1, "王伟", "户主", number(1), "1970-01-01"],
        ["", "", "", "王 伟", "户主", number(1), "1970-02-30"],
        ["", "", 2, "王伟", "其他", number(1), ""],
        ["", "", "", "李强", "户主", number(1), "1980-01-01"],
        ["", "", "", "", "子", number(3), "乱写"],
    ]
    found = book(tmp_path, ("台账", rows))
    assert homes(found) == [["王伟"], ["李强"]]
    assert [(p.row, p.kind, p.also_at) for p in found.problems] == [
        (3, "duplicate_in_file", ()),
        (4, "person_in_two_households", ("台账", 2)),
        (5, "id_shared", ("台账", 2)),
        (6, "name_missing", ()),
    ]
    assert (found.rows[1].id_number, found.rows[1].birth) == (None, "1980-01-01")


def test_code_lists_notices_and_other_lists_are_passed_over(tmp_path):
    found = book(
        tmp_path,
        ("填报说明", [["一、姓名按户口本填写"], ["二、请于月底前报送"]]),
        ("代码表", [["代码", "与户主关系", "代码", "性别"], ["00", "户主", 1, "男"]]),
        ("台账", [PLAIN, ["王伟", "王伟", "户主", number(1)]]),
        ("村干部", [["姓名", "职务", "联系电话"], ["赵强", "支书", "10012345678"]]),
    )
    assert [name for name, _ in found.header_rows] == ["台账"]
    assert (len(found.rows), problems(found)) == (1, [])


def test_a_village_alone_in_a_row_holds_for_the_households_below(tmp_path):
    header = ["户号", "姓名", "与户主关系", "身份证号"]
    rows = [
        ["平梁镇户籍花名册"],
        header,
        ["棉丰村一组"],
        [1, "王伟", "户主", number(1)],
        ["棉丰村第二村民小组", "", "", ""],
        [1, "李芳", "户主", number(2)],
        ["新河村"],
        [1, "张敏", "户主", number(3)],
        ["三组"],
        [1, "赵强", "户主", number(4)],
        ["以上情况属实"],
        [1, "赵静", "妻", number(5)],
    ]
    found = book(tmp_path, ("台账", rows))
    assert homes(found) == [["王伟"], ["李芳"], ["张敏"], ["赵强", "赵静"]]
    assert places(found) == [
        ("610921103200", "01"), ("610921103200", "02"), ("610921103201", None),
        ("610921103201", "03"), ("610921103201", "03"),
    ]  # fmt: skip
    assert problems(found) == []


def test_a_group_alone_in_a_column_of_both_is_of_the_village_above(tmp_path):
    rows = [
        ["村组", "姓名", "与户主关系"],
        ["棉丰村一组", "王伟", "户主"],
        ["", "李芳", "妻"],
        ["二组", "张敏", "户主"],
        ["军坝村三组", "赵强", "户主"],
        ["四组", "钱静", "户主"],
        ["同上", "钱强", "子"],
        ["洞河村", "孙强", "户主"],
    ]
    found = book(tmp_path, ("台账", rows))
    assert places(found) == [
        ("610921103200", "01"), ("610921103200", "01"), ("610921103200", "02"),
        ("610921101200", "03"), ("610921101200", "04"), ("610921101200", "04"),
        ("610921101201", None),
    ]  # fmt: skip
    assert homes(found)[-2] == ["钱静", "钱强"]
