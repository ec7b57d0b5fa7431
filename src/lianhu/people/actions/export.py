"""A register out again in the shape in which it comes in: whole or masked, for a purpose.

An empty cell in a column of place, number or address means the row above to every reader of
registers, so households that lack one of them stand on a sheet that has no such column.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from django.db import transaction
from django.db.models import Q

from lianhu.audit.actions import record
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import Refusal
from lianhu.kernel.masking import mask_id, mask_name, mask_phone
from lianhu.kernel.watermark import Mark, stamp
from lianhu.people.models import Household, Person
from lianhu.people.register.places import places_of
from lianhu.people.rules import (
    HEAD,
    RELATION_WORDS,
    SEX_WORDS,
    Residence,
    Sex,
    last_birth_of_age,
)
from lianhu.territory.queries import get_place, place_names, reach, within

# What an empty cell of would mean the row above; then the person's own.
CARRIED = {"乡镇": 12, "行政村": 14, "村民小组": 10, "户编号": 14, "家庭住址": 28}
OWN = {
    "户主姓名": 10, "姓名": 10, "与户主关系": 12, "身份证号码": 22, "性别": 6, "出生日期": 12,
    "联系电话": 26, "是否外出": 10, "外出地点": 14,
}  # fmt: skip
COUNTY, TOWN, VILLAGE, GROUP, CHUNK = 6, 9, 12, 14, 2_000
SHEET = "人口台账"


@transaction.atomic
def export_register(
    actor: Actor, place: str, path: Path, purpose: str, *, whole: bool, at: datetime
) -> int:
    """Write the living register of a place to `path` (.xlsx); how many persons. For the command
    line, whose user holds the database anyway; at the desk an `Export` goes before the file.

    The ledger says who took how many rows and why. Refuses as `write_register`, and
    ``register.no_purpose``.
    """
    if purpose not in (purposes := read("purposes.toml")["export"]):
        raise Refusal("register.no_purpose")
    code = get_place(place).code
    count = register_size(actor, code, whole=whole)
    mark = Mark("命令行", actor.name, at, purposes[purpose], count)
    write_register(actor, code, path, mark, whole=whole)
    record(
        actor, "register.export", "register", code, code, at=at, quiet=True, rows=count,
        purpose=purpose, whole=whole,
    )  # fmt: skip
    return count


def register_size(actor: Actor, code: str, *, whole: bool) -> int:
    """How many living persons a register of a place would hold, for who may take it out.

    `whole`: names, ID numbers, births and phones in clear, only for holders of
    ``register.export``. Refuses ``account.not_permitted``.
    """
    actor.require("export", code)
    actor.require("person.read", code)
    if whole:
        actor.require("register.export", code)
    rows = reach(Person.objects, actor, "person.read").filter(
        within([code], "household__place_id"), ended_on=None, household__ended_on=None
    )
    return rows.count()


def minors_in(actor: Actor, code: str, on: date) -> int:
    """How many in a whole register of a place are under age on a day, or may be: nobody knows when
    they were born."""
    young = Q(born_on__gt=last_birth_of_age(on)) | Q(born_on=None)
    rows = reach(Person.objects, actor, "person.read").filter(young, restricted_on=None)
    inside = within([code], "household__place_id")
    return rows.filter(inside, ended_on=None, household__ended_on=None).count()


def write_register(actor: Actor, code: str, path: Path, mark: Mark, *, whole: bool) -> int:
    """Write the living register of a place to `path`, marked; how many persons. Masked unless
    `whole`, and for whom the data was set aside. Refuses ``account.not_permitted``."""
    register_size(actor, code, whole=whole)
    return _write(actor, code, path, whole, mark)


def _write(actor: Actor, code: str, path: Path, whole: bool, mark: Mark) -> int:
    """The workbook: texts only, each with Excel's own quote mark, so that nothing in it runs."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
    count = 0
    with xlsxwriter.Workbook(str(path), options) as book:
        text = book.add_format({"quote_prefix": True, "num_format": "@"})
        bold = book.add_format({"bold": True, "bg_color": "#E3EFF0", "bottom": 1})
        for number, (kept, homes) in enumerate(_alike(actor, code).items(), 1):
            sheet = book.add_worksheet(SHEET if number == 1 else f"{SHEET}{number}")
            columns = {name: CARRIED[name] for name in kept} | OWN
            for column, (name, width) in enumerate(columns.items()):
                sheet.set_column(column, column, width)
                sheet.write_string(0, column, name, bold)
            sheet.freeze_panes(1, 0)
            for row, cells in enumerate(_rows(actor, homes, kept, whole), 1):
                count += 1
                for column, value in enumerate(cells):
                    if value:
                        sheet.write_string(row, column, value, text)
        if not count:
            book.add_worksheet("没有登记").write_string(0, 0, "这里还没有登记", bold)
        stamp(book, mark)
    return count


Homes = list[tuple[Household, dict[str, str]]]


def _alike(actor: Actor, code: str) -> dict[tuple[str, ...], Homes]:
    """The living households by which of the carried columns they have, each with their cells."""
    rows = reach(Household.objects, actor, "household.read").filter(ended_on=None)
    found: defaultdict[tuple[str, ...], Homes] = defaultdict(list)
    homes = list(rows.filter(within([code])).order_by("place_id", "code", "id"))
    names = _names({home.place_id for home in homes})
    for home in homes:
        place = home.place_id
        group = str(int(place[VILLAGE:GROUP])) + "组" if len(place) >= GROUP else ""
        cells = {
            "乡镇": names.get(place[:TOWN], "") if len(place) >= VILLAGE else "",
            "行政村": names.get(place[:VILLAGE], "") if len(place) >= VILLAGE else "",
            "村民小组": group, "户编号": home.code, "家庭住址": home.address,
        }  # fmt: skip
        found[tuple(name for name, said in cells.items() if said)].append((home, cells))
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def _names(places: set[str]) -> dict[str, str]:
    """Towns and villages by code, under the names that the reader knows, else their present ones.
    One query."""
    found = place_names(sorted({p[:n] for p in places for n in (TOWN, VILLAGE) if len(p) >= n}))
    for county in {place[:COUNTY] for place in places}:
        known = places_of(county)
        found |= {code: name for name, code in known.towns.items()}
        for village in (v for fitting in known.stems.values() for v in fitting):
            found[village.code] = village.stem + ("社区" if village.community else "村")
    return found


def _rows(
    actor: Actor, homes: Homes, kept: tuple[str, ...], whole: bool
) -> Iterator[tuple[str, ...]]:
    """The members of each household, head first; one query for each 2,000 households."""
    for start in range(0, len(homes), CHUNK):
        chunk = homes[start : start + CHUNK]
        members: dict[Any, list[Person]] = {home.id: [] for home, _ in chunk}
        rows = reach(Person.objects, actor, "person.read").filter(ended_on=None)
        rows = rows.filter(household_id__in=list(members)).select_related("key")
        for person in rows.order_by("id"):
            members[person.household_id].append(person)
        for home, cells in chunk:
            for person in sorted(members[home.id], key=lambda p: p.relation != HEAD):
                yield (*(cells[name] for name in kept), *_own(home, person, whole))


def _own(home: Household, person: Person, whole: bool) -> tuple[str, ...]:
    numbers = [n for n in (person.phone, *person.more_phones) if n]
    born = person.born_on.isoformat() if person.born_on else person.born_month
    name, head, number = person.name, home.head_name, person.id_number
    if not whole or person.restricted_on:
        name, head, number = mask_name(name), mask_name(head), mask_id(number)
        numbers, born = [mask_phone(n) for n in numbers], born[:4]
    return (
        head, name, RELATION_WORDS.get(person.relation, ""), number,
        SEX_WORDS[Sex(person.sex)] if person.sex else "", born, "；".join(numbers),
        "是" if person.residence == Residence.AWAY else "否", person.away_to,
    )  # fmt: skip
