"""Make messy registers whose truth is known, to try the reader on what nobody wrote by hand.

A county of made-up households is written in one of many layouts with dirt in some cells; what a
careful data officer takes from each cell is noted as it is made, not worked out from the file.
"""

import csv
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from lianhu.people.rules import check_digit

VILLAGES = {
    "610921103200": ("平梁镇", "棉丰", "village"), "610921101200": ("涧池镇", "军坝", "village"),
    "610921108202": ("汉阳镇", "健康", "village"), "610921102001": ("蒲溪镇", "蒲溪", "community"),
    "610921107216": ("漩涡镇", "中银", "village"), "610921100209": ("城关镇", "五一", "village"),
}  # fmt: skip
ENDS = {
    "village": ("村", "村委会", "村民委员会", "村村民委员会"),
    "community": ("社区", "居委会", "社区居委会", "社区居民委员会"),
}
BAD_GROUPS = ("", "河对岸组", "梨树湾", "学堂坪")
NUMERALS = "零一二三四五六七八九十"
HEADINGS = {
    "seq": ("序号", "编号"), "town": ("乡镇", "镇、街道", "乡镇街道"),
    "village": ("行政村", "村、社区", "村或社区"), "group": ("组", "组别", "村民小组"),
    "household": ("户编号", "户号", "家庭编号", "户编码"), "head_name": ("户主姓名", "户主"),
    "name": ("姓名*", "姓 名", "成员姓名", "家庭成员姓名", "居民姓名"),
    "relation": ("与户主关系", "户主关系", "家庭关系"),
    "id_number": ("身份证号码*", "公民身份号码", "居民身份证号码", "证件号码", "身份证\n号码"),
    "sex": ("性别",), "birth": ("出生日期", "出生年月", "出生时间"),
    "phones": ("联系电话", "手机号码", "联系方式"), "away": ("是否外出务工", "外出（是/否）"),
    "remark": ("备注", "其他说明"), "other": ("户主身份证号码", "监护人姓名", "民族", "年龄（岁）"),
}  # fmt: skip
WAYS = {
    "户主": ("户主", "本人"), "配偶": ("配偶", "妻", "丈夫"), "子": ("子", "长子", "儿子"),
    "女": ("女", "次女", "女儿"), "孙子": ("孙子", "孙"), "母亲": ("母亲", "母"),
    "其他": ("其他",),
}  # fmt: skip
FAMILY, GIVEN = "王李张刘陈杨黄赵吴周", "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰"


@dataclass
class Layout:
    """How a register is laid out."""

    columns: list[str]
    kind: str  # xlsx or csv
    carry: str  # "full": every cell written, "first": only a household's first row, "ditto"
    blank_rows: bool
    header_again: bool
    two_rows: bool
    numbers: bool
    foot: bool
    encoding: str = "utf-8-sig"


@dataclass
class Made:
    """A file with its truth: accepted rows and problems as plain tuples."""

    path: Path
    accepted: list[dict[str, Any]] = field(default_factory=list)
    problems: set[tuple[int, str, str]] = field(default_factory=set)
    headers: list[int] = field(default_factory=list)


class Maker:
    """Writes one register; every choice comes from the seed."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.rng = random.Random(seed)
        self.layout = self._layout()
        self.made = Made(folder / f"made{seed}.{self.layout.kind}")
        self.rows: list[list[Any]] = []
        self.merges: list[tuple[int, int, int, int]] = []
        self.serial = 0

    def _layout(self) -> Layout:
        rng = self.rng
        columns = ["village", "group", "household", "head_name", "name", "relation", "id_number",
                   "sex", "birth", "phones", "away", "remark"]  # fmt: skip
        if rng.random() < 0.3:
            columns.remove("household")
        elif rng.random() < 0.4:
            columns.remove("head_name")
        if rng.random() < 0.3:
            columns.remove("sex")
        for extra, share in (("seq", 0.7), ("town", 0.5)):
            if rng.random() < share:
                columns.insert(0, extra)
        if rng.random() < 0.4:
            columns.insert(rng.randrange(len(columns)), "other")
        kind = rng.choice(("xlsx", "xlsx", "csv"))
        return Layout(
            columns, kind, rng.choice(("full", "first", "ditto")), rng.random() < 0.4,
            rng.random() < 0.3, rng.random() < 0.3, rng.random() < 0.3, rng.random() < 0.6,
            rng.choice(("utf-8-sig", "gbk", "gb18030")),
        )  # fmt: skip

    def write(self) -> Made:
        """Make everything and write the file."""
        self.rows.append(["汉阴县户籍人口台账（虚构）"])
        if self.rng.random() < 0.5:
            self.rows.append(["联系人：王某某    联系电话：10000000001"])
        self._header()
        home = 0
        for village in self.rng.sample(sorted(VILLAGES), 2):
            for group in range(1, 4):
                for number in range(1, self.rng.randint(2, 4)):
                    home += 1
                    self._household(village, group, number, home)
                if self.layout.foot:
                    self._put({"name": "12人", self.layout.columns[0]: "小  计"})
                if self.layout.header_again and group == 2:
                    self._header()
        if self.layout.foot:
            self._put({self.layout.columns[0]: "合计", "name": f"共{self.serial}人"})
            self.rows.append([])
            self._put({self.layout.columns[0]: "填表人：", "name": "审核人："})
        (self._xlsx if self.layout.kind == "xlsx" else self._csv)()
        return self.made

    def _header(self) -> None:
        columns = self.layout.columns
        chosen = [self.rng.choice(HEADINGS[c]) for c in columns]
        if self.layout.two_rows:
            name, last = columns.index("name"), len(columns) - 1
            titles = [""] * len(columns)
            titles[0], titles[name], titles[last] = "户信息", "家庭成员", chosen[last]
            row = len(self.rows)
            self.merges += [(row, 0, row, name - 1), (row, name, row, last - 1)]
            self.merges.append((row, last, row + 1, last))
            self.rows += [titles, [*chosen[:-1], ""]]
            self.made.headers += [row + 1, row + 2]
        else:
            self.rows.append(chosen)
            self.made.headers.append(len(self.rows))
        if self.layout.numbers:
            self.rows.append([n + 1 for n in range(len(columns))])

    def _put(self, cells: dict[str, Any]) -> int:
        self.rows.append([cells.get(c, "") for c in self.layout.columns])
        return len(self.rows)

    def _household(self, village: str, group: int, number: int, home: int) -> None:
        rng = self.rng
        family = rng.choice(FAMILY)
        head = ""
        bad_group = rng.random() < 0.1
        for member in range(rng.randint(1, 5)):
            self.serial += 1
            name = (
                family + "".join(rng.sample(GIVEN, 2))
                if member
                else f"{family}{GIVEN[home % 20]}{GIVEN[(home * 7 + 3) % 20]}"
            )
            head = head or name
            truth: dict[str, Any] = {"household": home, "name": name, "village_code": village}
            truth["group_code_suffix"] = None if bad_group else f"{group:02}"
            row: dict[str, Any] = {"seq": self.serial, "other": ""}
            problems: list[tuple[str, str]] = []
            carried = {
                "town": VILLAGES[village][0], "village": self._village(village),
                "group": BAD_GROUPS[group] if bad_group else self._group(group),
                "household": self._number(home, number), "head_name": head,
            }  # fmt: skip
            wrote = member == 0 or self.layout.carry == "full"
            if wrote:
                row |= carried
                problems += [("group", "unknown_group")] * bad_group
            elif self.layout.carry == "ditto":
                row |= {key: rng.choice(("同上", "〃")) for key in carried}
            row["name"] = rng.choice((name, f"{name[0]}　{name[1:]}", f"{name} "))
            relation = "户主" if member == 0 else rng.choice(list(WAYS)[1:])
            truth |= {"relation": relation, "head": member == 0}
            row["relation"] = rng.choice(WAYS[relation])
            self._identity(row, truth, problems)
            self._phones(row, truth, problems)
            self._flag(row, truth, problems)
            self._remark(row, problems)
            at = self._put(row)
            self.made.accepted.append({"row": at} | truth)
            self.made.problems |= {(at, f, kind) for f, kind in problems if f in self._fields()}
        if self.layout.blank_rows and rng.random() < 0.5:
            self.rows.append([])

    def _fields(self) -> set[str]:
        return set(self.layout.columns)

    def _village(self, code: str) -> str:
        town, stem, kind = VILLAGES[code]
        name = stem + self.rng.choice(ENDS[kind])
        return self.rng.choice((name, f"{town}{name}", f"陕西省汉阴县{town}{name}"))

    def _group(self, number: int) -> Any:
        forms = (f"{number}组", f"{NUMERALS[number]}组", f"第{NUMERALS[number]}村民小组", number,
                 chr(0xFF10 + number) + "组")  # fmt: skip
        return self.rng.choice(forms)

    def _number(self, home: int, number: int) -> Any:
        return self.rng.choice((f"{number:04}", number, str(number)))

    def _identity(
        self, row: dict[str, Any], truth: dict[str, Any], problems: list[Any]
    ) -> None:
        rng = self.rng
        born = date(1940, 1, 1) + timedelta(rng.randrange(30_000))
        sex = rng.choice("12")
        serial = f"{self.serial % 90 + 10}{rng.choice('13579' if sex == '1' else '02468')}"
        first = f"999321{born:%Y%m%d}{serial}"
        number = first + check_digit(first)
        bad = chr((ord(number[17]) - 47) % 10 + 48) if number[17] != "X" else "0"
        cases = {
            "": [number, number.lower(), f"'{number}", f"{number[:6]} {number[6:14]} {number[14:]}",
                 number.translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789X"})],
            "id_missing": ["", "无", "待补", "—"],
            "id_placeholder": ["0" * 18, f"{number[:6]}199999999999"],
            "id_not_citizen": [number + "22", "E12345678", "军字第0000917号"],
            "id_malformed": [number[:17], number + "5", f"{number[:10]}0230{number[14:]}"],
            "id_checksum": [number[:17] + bad],
            "id_lost_precision": ["9.99321E+17", *([float(number[:15] + "000")] if self.layout.kind == "xlsx" else [])],  # noqa: E501 - one case
        }  # fmt: skip
        if born.year < 2000:
            old = number[:6] + number[8:17]
            cases["id_old15"] = [old, *([int(old)] if self.layout.kind == "xlsx" else [])]
        kind = "" if rng.random() < 0.7 else rng.choice(list(cases))
        if "99999" in number:
            kind = "id_placeholder"
            cases[kind] = [number]
        row["id_number"] = rng.choice(cases[kind])
        problems += [("id_number", kind)] * bool(kind)
        good = kind in {"", "id_old15"}
        truth["id_number"] = number if good else None
        has_sex = "sex" in self.layout.columns
        truth["sex"] = sex if good or has_sex else None
        row["sex"] = rng.choice(("男", "1", "男性") if sex == "1" else ("女", "2", "女性"))
        if has_sex and good and rng.random() < 0.05:
            row["sex"] = "女" if sex == "1" else "男"
            problems.append(("sex", "sex_conflict"))
        self._birth(row, truth, problems, born, good)

    def _birth(
        self,
        row: dict[str, Any],
        truth: dict[str, Any],
        problems: list[Any],
        born: date,
        good: bool,
    ) -> None:
        rng, day = self.rng, born.isoformat()
        month = born.month
        ways: list[tuple[Any, str | None, str]] = [
            (day, day, ""), (f"{born:%Y%m%d}", day, ""), (f"{born.year}/{month}/{born.day}", day, ""),
            (f"{born.year}年{month}月{born.day}日", day, ""), (f"{born.year}.{month:02}", day[:7], ""),
            (f"{born.year}年{month}月", day[:7], ""), (f"{born:%Y%m}", day[:7], ""),
            ("腊月初八", None, "bad_date"), (f"{born.year}年13月", None, "bad_date"), ("", None, ""),
            ("2099-01-01", None, "bad_date"), (str((born - date(1899, 12, 30)).days), day, ""),
        ]  # fmt: skip
        if 1927 <= born.year < 2000:
            ways.append((f"{born:%y}年{month}月", day[:7], ""))
        if self.layout.kind == "xlsx":
            ways += [(born, day, ""), (int(f"{born:%Y%m%d}"), day, "")]
            if month in (1, 10):
                ways.append((float(f"{born.year}.1"), None, "" if good else "date_ambiguous"))
        cell, value, kind = rng.choice(ways)
        row["birth"] = cell
        truth["birth"] = day if good else value
        problems += [("birth", kind)] * bool(kind)

    def _phones(self, row: dict[str, Any], truth: dict[str, Any], problems: list[Any]) -> None:
        rng = self.rng
        numbers = [f"100{rng.randrange(10**8):08}" for _ in range(rng.choice((0, 1, 1, 2, 3)))]
        forms = ["{}", "+86{}", "{}（儿子）", "{}(妻)"]
        said = [rng.choice(forms).format(n) for n in numbers]
        if numbers and rng.random() < 0.2:
            said[0] = f"{numbers[0][:3]} {numbers[0][3:7]} {numbers[0][7:]}"
        if numbers and rng.random() < 0.15:
            said.append(rng.choice(("1001234567", "100123456789")))
            problems.append(("phones", "bad_phone"))
        row["phones"] = rng.choice((";", "；", "、", "/", "，", " / ")).join(said)
        truth["phones"] = numbers

    def _flag(self, row: dict[str, Any], truth: dict[str, Any], problems: list[Any]) -> None:
        cell, value, kind = self.rng.choice(
            [("是", True, ""), ("否", False, ""), ("√", True, ""), ("", None, ""), ("有", True, ""),
             ("无", False, ""), ("不清楚", None, "bad_flag"), ("1", True, ""), ("0", False, "")]
        )  # fmt: skip
        row["away"], truth["away"] = cell, value
        problems += [("away", kind)] * bool(kind)

    def _remark(self, row: dict[str, Any], problems: list[Any]) -> None:
        row["remark"] = self.rng.choice(
            ["", "", "已核对", "=1+1", "-2+3", "@SUM(1)", "共计两亩"]
        )
        if row["remark"][:1] in ("=", "-", "@"):
            problems.append(("remark", "formula_text"))

    def _xlsx(self) -> None:
        options = {"strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(str(self.made.path), options) as book:
            sheet, dated = (
                book.add_worksheet("台账"),
                book.add_format({"num_format": "yyyy-mm-dd"}),
            )
            for top, left, bottom, right in self.merges:
                if (top, left) != (bottom, right):
                    sheet.merge_range(top, left, bottom, right, "")
            for number, row in enumerate(self.rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(number, column, cell, dated)
                    elif cell != "":
                        put = (
                            sheet.write_string if isinstance(cell, str) else sheet.write_number
                        )
                        put(number, column, cell)

    def _csv(self) -> None:
        encoding = self.layout.encoding
        with self.made.path.open("w", encoding=encoding, errors="replace", newline="") as file:
            csv.writer(file).writerows(self.rows)
