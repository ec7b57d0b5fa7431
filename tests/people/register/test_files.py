"""What kind of file it is tells its content; what must not be opened is not opened."""

import csv
import io
import shutil
import struct
import tracemalloc
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
import xlsxwriter

from lianhu.people.register.annotate import write_findings
from lianhu.people.register.read import read_register
from lianhu.people.register.sheets import open_sheets, read_here

WORKBOOKS = Path(__file__).parent / "workbooks"
TODAY = date(2026, 11, 23)
HEADER = ["行政村", "组", "户号", "户主姓名", "姓名", "与户主关系", "身份证号", "备注"]
PERSON = ["军坝村", "1组", "1", "王伟", "王伟", "户主", "999321196405025533", ""]
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def kinds(path):
    return [
        (p.sheet, p.row, p.field, p.kind) for p in read_register(path, today=TODAY).problems
    ]


def only(kind):
    return [("", 0, "file", kind)]


def write_csv(path, rows, encoding="utf-8"):
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def write_book(path, sheets):
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows, hidden in sheets:
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    sheet.write_string(number, column, cell)
            if hidden == "very":
                sheet.very_hidden()
            elif hidden:
                sheet.hide()
    return path


def rezip(source, target, **parts):
    """A copy of a zip with some parts replaced or added."""
    with (
        zipfile.ZipFile(source) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return target


@pytest.mark.parametrize("name", ["r04_old.xls", "r05_gbk.csv", "r01_flat.xlsx"])
@pytest.mark.parametrize("ending", [".xlsx", ".xls", ".csv", ".txt", ""])
def test_the_name_of_a_file_says_nothing(tmp_path, name, ending):
    path = shutil.copy(WORKBOOKS / name, tmp_path / f"x{ending}")
    assert len(read_register(path, today=TODAY).rows) > 80


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_a_csv_in_any_usual_encoding(tmp_path, encoding):
    path = write_csv(tmp_path / "x", [HEADER, PERSON], encoding)
    assert [p.name for p in read_register(path, today=TODAY).rows] == ["王伟"]


@pytest.mark.parametrize("separator", ["\t", ";"])
def test_a_csv_with_another_separator(tmp_path, separator):
    path = tmp_path / "x.csv"
    path.write_text("\n".join(separator.join(row) for row in (HEADER, PERSON)), "utf-8")
    assert len(read_register(path, today=TODAY).rows) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7 \xe2\xe3", "<html><table><tr><td>姓名</td>".encode(), b"\x89PNG\r\n\0\0",
     "会议通知：请各村报送台账，谢谢。".encode(), bytes(range(256)) * 9],
    ids=["empty", "pdf", "html", "picture", "prose", "bytes"],
)  # fmt: skip
def test_what_is_neither_workbook_nor_csv(tmp_path, content):
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    assert kinds(path) == only("not_a_workbook")
    assert read_register(path, today=TODAY).readable is False


def test_a_zip_of_something_else(tmp_path):
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert kinds(path) == only("not_a_workbook")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.97])
@pytest.mark.parametrize("name", ["r01_flat.xlsx", "r04_old.xls"])
def test_a_file_cut_off_on_its_way(tmp_path, name, share):
    content = (WORKBOOKS / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(content[: int(len(content) * share)])
    assert kinds(path) == only("broken_file")


def test_a_workbook_with_broken_xml(tmp_path):
    path = rezip(
        WORKBOOKS / "r01_flat.xlsx",
        tmp_path / "x.xlsx",
        **{"xl/workbook.xml": "<workbook><sheets"},
    )
    assert kinds(path) == only("broken_file")


def test_a_part_that_unpacks_beyond_measure_is_not_unpacked(tmp_path):
    path = rezip(
        WORKBOOKS / "r01_flat.xlsx", tmp_path / "x.xlsx",
        **{"xl/worksheets/sheet1.xml": b"<worksheet>" + b" " * 40_000_000},
    )  # fmt: skip
    tracemalloc.start()
    try:
        assert kinds(path) == only("too_large")
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_part_that_lies_about_its_size_is_broken(tmp_path):
    path = rezip(
        WORKBOOKS / "r01_flat.xlsx", tmp_path / "x.xlsx",
        **{"xl/worksheets/sheet1.xml": b"<worksheet>" + b" " * 40_000_000},
    )  # fmt: skip
    content = bytearray(path.read_bytes())
    at = content.rfind(b"PK\x01\x02", 0, content.rfind(b"xl/worksheets/sheet1.xml"))
    struct.pack_into("<I", content, at + 24, 5000)
    path.write_bytes(content)
    assert kinds(path) == only("broken_file")


def test_two_cells_far_apart_do_not_fill_the_memory(tmp_path):
    sheet = (
        f'<worksheet xmlns="{NAMESPACE}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    path = rezip(
        WORKBOOKS / "r01_flat.xlsx", tmp_path / "x.xlsx", **{"xl/worksheets/sheet1.xml": sheet}
    )
    assert kinds(path) == only("too_large")


def compound(*streams):
    """A small OLE file of 512-byte sectors with these stream names, each of 4096 zeros."""
    entry = lambda name, kind, child, start, size: struct.pack(  # noqa: E731 - one use
        "<64sHBBiii16sI8s8siIi", name.encode("utf-16-le"), len(name) * 2 + 2, kind, 1,
        -1, -1, child, b"", 0, b"", b"", start, size, 0,
    )  # fmt: skip
    directory = entry("Root Entry", 5, 1, -2, 0)
    fat, at = [-3, -2], 2
    for name in streams:
        directory += entry(name, 2, -1, at, 4096)
        fat += [*range(at + 1, at + 8), -2]
        at += 8
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack(
        "<HHHHH6xIIiIIiIiI", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, -2, 0, -2, 0
    )  # fmt: skip
    header += struct.pack("<i", 0) + b"\xff" * 4 * 108
    table = struct.pack(f"<{len(fat)}i", *fat).ljust(512, b"\xff")
    return header + table + directory.ljust(512, b"\0") + bytes(4096 * len(streams))


def test_an_encrypted_workbook(tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(compound("EncryptionInfo", "EncryptedPackage"))
    assert kinds(path) == only("password_protected")


def test_an_old_workbook_with_a_password(tmp_path):
    content = bytearray((WORKBOOKS / "r04_old.xls").read_bytes())
    at = content.index(b"\x09\x08\x10\x00\x00\x06\x05\x00")  # BOF of the workbook's globals
    second = at + 4 + 16
    size = struct.unpack_from("<H", content, second + 2)[0]
    assert size < 200
    struct.pack_into("<H", content, second, 0x2F)  # FILEPASS
    path = tmp_path / "x.xls"
    path.write_bytes(content)
    assert kinds(path) == only("password_protected")


def test_another_document_of_the_same_container(tmp_path):
    path = tmp_path / "x.xls"
    path.write_bytes(compound("WordDocument", "1Table"))
    assert kinds(path) == only("not_a_workbook")


def test_without_a_register_there_is_nothing_to_take(tmp_path):
    path = write_book(tmp_path / "x.xlsx", [("说明", [["请各村报送"], ["代码", "性别"]], "")])
    assert kinds(path) == only("no_register")
    assert read_register(path, today=TODAY).readable is True


@pytest.mark.parametrize("hidden", [True, "very"])
def test_a_hidden_register_is_told_and_not_taken(tmp_path, hidden):
    sheets = [("新", [HEADER, PERSON], ""), ("旧", [HEADER, PERSON], hidden), ("空", [], True)]
    path = write_book(tmp_path / "x.xlsx", sheets)
    assert kinds(path) == [("旧", 0, "sheet", "hidden_sheet")]
    alone = write_book(tmp_path / "y.xlsx", [("说明", [["无"]], ""), ("旧", [HEADER], hidden)])
    assert kinds(alone) == [("", 0, "file", "no_register"), ("旧", 0, "sheet", "hidden_sheet")]


def test_the_findings_come_back_in_the_cells_and_run_nowhere(tmp_path):
    for source in sorted(WORKBOOKS.glob("r0*")):
        if source.suffix == ".json":
            continue
        found = read_register(source, today=TODAY)
        out = tmp_path / f"{source.stem}.xlsx"
        write_findings(source, found, out)
        with zipfile.ZipFile(out) as archive:
            sheets = [n for n in archive.namelist() if n.startswith("xl/worksheets/sheet")]
            assert sheets
            assert not any(b"<f>" in archive.read(name) for name in sheets)
            texts = archive.read("xl/sharedStrings.xml").decode()
        if found.problems:
            assert ("核对" in texts) or ("请" in texts) or ("文件" in texts)
        if found.header_rows:
            again = read_register(out, today=TODAY)
            kinds_of = lambda r: {(p.row, p.field, p.kind) for p in r.problems}  # noqa: E731
            assert [p.name for p in again.rows] == [p.name for p in found.rows]
            assert kinds_of(found) - kinds_of(again) <= {
                p for p in kinds_of(found) if p[2] == "text_too_long"
            }


def test_a_csv_counts_records_not_lines(tmp_path):
    rows = [
        ["台账", *[""] * 7],
        HEADER,
        [*PERSON[:7], "两行\n备注"],
        [],
        [*PERSON[:4], "李芳", "配偶", "待补", ""],
    ]
    path = write_csv(tmp_path / "x.csv", rows)
    assert kinds(path) == [("", 5, "id_number", "id_missing")]
    assert io.StringIO(path.read_text()).readlines()[2].strip().endswith("两行")


def test_a_cell_comes_out_of_the_reading_process_as_it_went_in(tmp_path):
    moments = {
        date(1968, 10, 1): "yyyy-mm-dd",
        datetime.fromisoformat("2026-11-01T09:30:00.250"): "yyyy-mm-dd hh:mm:ss.000",
        time(7, 5): "h:mm",
        timedelta(days=3, seconds=5): "[h]:mm:ss",
    }
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["𠀀\u2028行\n", 4.5, 7, True])
        for column, (value, form) in enumerate(moments.items(), 4):
            sheet.write_datetime(0, column, value, book.add_format({"num_format": form}))
    [[here]] = [list(sheet.rows) for sheet in read_here(path)]
    [[apart]] = [list(sheet.rows) for sheet in open_sheets(path)]
    assert apart == here
    assert [type(cell) for cell in apart] == [type(cell) for cell in here]
    assert apart[:4] == ["𠀀\u2028行\n", 4.5, 7, True]
    assert len({type(cell) for cell in apart}) >= 6
