"""What kind of file this is, by content; bombs are seen in the zip's directory, not unpacked."""

import mmap
import re
import struct
import zipfile
import zlib
from pathlib import Path
from typing import NoReturn

from lianhu.people.register.cells import limit

ZIP, OLE = b"PK", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CELL_BYTES = 32  # what one cell takes in the reader's table
FAR = re.compile(rb'r="([A-Z]{2,3})(\d+)"')  # a cell beyond column Z
ROW = re.compile(rb'row [^>]{0,80}?r="(\d+)"')
GLOBALS = re.compile(rb"\x09\x08[\x08\x10]\x00\x00[\x05\x06]\x05\x00")  # BOF
FILE_PASS = 0x2F
MAC = re.compile(rb'date1904="(?:1|true)"')


class Unreadable(Exception):  # noqa: N818 - it is a finding, not a fault
    """The file is refused as a whole; `kind` is one of the file's kinds of problem."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def kind_of(path: Path) -> str:
    """ "xlsx", "xls" or "text" by the first bytes; raises Unreadable for a file too large."""
    if path.stat().st_size > limit("largest_whole"):
        raise Unreadable("too_large")
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(ZIP) and start[2:4] in (b"\x03\x04", b"\x05\x06", b"\x07\x08"):
        return "xlsx"
    return "xls" if start == OLE else "text"


def check_zip(path: Path) -> bool:
    """Raise Unreadable unless this is a sound .xlsx of bearable size; whether days count from
    1904."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_sizes(parts)
            names = {part.filename for part in parts}
            if "xl/workbook.xml" not in names:
                raise Unreadable("not_a_workbook")
            if any(part.flag_bits & 1 for part in parts):
                raise Unreadable("password_protected")
            for part in parts:
                if part.filename.lower().endswith(".xml"):
                    _check_part(archive, part)
            return MAC.search(archive.read("xl/workbook.xml")[:65536]) is not None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as fault:
        raise Unreadable("broken_file") from fault


def _check_sizes(parts: list[zipfile.ZipInfo]) -> None:
    for part in parts:
        large = part.file_size > limit("largest_part")
        if large and part.file_size > limit("largest_ratio") * max(part.compress_size, 1):
            raise Unreadable("too_large")
    if sum(part.file_size for part in parts) > limit("largest_whole"):
        raise Unreadable("too_large")


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Read a part through once: its size must be the one told (zipfile checks length and sum),
    and its cells must fit a table in memory, however far apart they lie."""
    columns, rows, tail = 26, 1, b""
    sheet = "worksheets/" in part.filename
    with archive.open(part) as file:
        while chunk := file.read(1 << 20):
            if not sheet:
                continue
            chunk = tail + chunk
            for letters, row in FAR.findall(chunk):
                columns, rows = max(columns, _column(letters)), max(rows, int(row))
            rows = max(rows, *map(int, ROW.findall(chunk)), 1)
            tail = chunk[-128:]
    if columns * rows * CELL_BYTES > limit("largest_whole"):
        raise Unreadable("too_large")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def explain_ole(path: Path) -> NoReturn:
    """Raise Unreadable for an OLE file that could not be opened as a workbook."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        if whole.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            raise Unreadable("password_protected")
        if _file_pass(whole):
            raise Unreadable("password_protected")
        named = any(whole.find(n.encode("utf-16-le")) >= 0 for n in ("Workbook", "Book\0"))
        (first,) = struct.unpack_from("<i", whole, 48) if len(whole) >= 512 else (-1,)
        directory = (first + 1) * 512
        cut = len(whole) < 512 or not 0 <= directory < len(whole)
    raise Unreadable("broken_file" if named or cut else "not_a_workbook")


def _file_pass(whole: mmap.mmap) -> bool:
    """Whether the workbook's globals of an .xls have the record of a password among the first."""
    begin = GLOBALS.search(whole)
    at = begin.start() if begin else len(whole)
    for _ in range(8):
        if at + 4 > len(whole):
            break
        kind, length = struct.unpack_from("<HH", whole, at)
        if kind == FILE_PASS:
            return True
        at += 4 + length
    return False
