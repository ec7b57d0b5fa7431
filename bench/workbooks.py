"""A made-up county register as one large .xlsx: 18 columns, with the usual dirt."""

import random
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

from lianhu.people.register.places import places_of
from lianhu.people.rules import check_digit

HEADINGS = (
    "序号", "乡镇", "行政村", "村民小组", "户编号", "户主姓名", "姓名", "与户主关系", "身份证号码",
    "性别", "出生日期", "民族", "联系电话", "家庭住址", "文化程度", "是否外出务工", "务工地点", "备注",
)  # fmt: skip
FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂香文玉华建国春梅志红"
RELATIONS = ("户主", "配偶", "子", "女", "孙子", "孙女", "父亲", "母亲")
FIRST_DAY = date(1935, 1, 1)
DIRT = 0.02  # share of rows with something to mend
GROUPS = 8  # in each village


def write_workbook(path: Path, *, persons: int, households: int, seed: int = 321) -> None:
    """Write the register: households spread evenly over the villages of Hanyin."""
    rng = random.Random(seed)  # noqa: S311 - made-up people, not secrets
    villages = sorted(v for fitting in places_of("610921").stems.values() for v in fitting)
    towns = {code: name for name, code in places_of("610921").towns.items()}
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("人口台账")
        sheet.write_row(0, 0, ("汉阴县户籍人口台账（虚构人员）",))
        sheet.write_row(1, 0, HEADINGS)
        row = 2
        for number in range(households):
            place = number * len(villages) // households
            village = villages[place]
            within = number - -(-place * households // len(villages))
            named = village.stem + ("社区" if village.community else "村")
            size = persons * (number + 1) // households - persons * number // households
            family, head = rng.choice(FAMILY), ""
            for member in range(size):
                name = family + "".join(rng.choices(GIVEN, k=2))
                head = head or name
                cells = _person(rng, number, member)
                group = f"{within % GROUPS + 1}组"
                sheet.write_row(
                    row,
                    0,
                    (
                        row - 1, towns[village.code[:9]], named, group,
                        str(within // GROUPS + 1), head, name, *cells[:6],
                        f"{named}{group}", *cells[6:],
                    ),
                )  # fmt: skip
                row += 1


def _person(rng: random.Random, number: int, member: int) -> tuple[object, ...]:
    """Relation to remark of one person, now and then with something wrong."""
    born = FIRST_DAY + timedelta(rng.randrange(33_000))
    sex = rng.randrange(2)
    first = f"999321{born:%Y%m%d}{rng.randrange(500):03}"[:16] + str(rng.randrange(5) * 2 + sex)
    # The serial digits repeat in so many people, so the place of birth tells them apart.
    first = f"{number % 900 + 100:03}321" + first[6:]
    number_cell: object = first + check_digit(first)
    birth: object = f"{born:%Y-%m-%d}"
    phone: object = f"100{rng.randrange(10**8):08}" if rng.random() < 0.5 else ""
    if rng.random() < DIRT:
        number_cell = rng.choice(("", "待补", float(first + "0"), first + "?", first[:15]))
    if rng.random() < DIRT:
        birth = rng.choice(("腊月初八", f"{born:%Y}年{born.month}月", float(born.year) + 0.1))
    if rng.random() < DIRT:
        phone = rng.choice(("1001234567", "10012345678；10023456789", "10012345678（儿子）"))
    return (
        RELATIONS[min(member, 7)], number_cell, "女男"[sex], birth, "汉族", phone,
        "初中", rng.choice("是否"), "", "常年在外" if rng.random() < 0.1 else "",
    )  # fmt: skip
