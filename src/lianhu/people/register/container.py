"""What kind of file this is, by content; bombs are seen in the zip's directory, not unpacked."""

import mmap
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from lianhu.people.register.cells import limit
from lianhu.people.register.findings import Unreadable
from lianhu.people.register.parts import check_part

ZIP, OLE = b"PK", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
END = struct.Struct("<4s4H2LH")  # the end of a zip's directory
GLOBALS = re.compile(rb"\x09\x08[\x08\x10]\x00\x00[\x05\x06]\x05\x00")  # BOF
FILE_PASS = 0x2F
# A zip that is no .xlsx to the reader is tried as these.
OTHER_BOOKS = {"xl/workbook.bin", "content.xml"}
MAC = re.compile(rb'date1904="(?:1|true)"')


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
    """Raise Unreadable unless this is an .xlsx of bearable size, by its directory; whether days
    count from 1904."""
    _check_ends(path)
    with _opened(path) as archive:
        parts = archive.infolist()
        _check_sizes(parts)
        names = {part.filename for part in parts}
        if "xl/workbook.xml" not in names:
            raise Unreadable("not_a_workbook")
        if any(part.flag_bits & 1 for part in parts):
            raise Unreadable("password_protected")
        if names & OTHER_BOOKS or len(names) < len(parts):
            raise Unreadable("broken_file")
        return MAC.search(archive.read("xl/workbook.xml")[:65536]) is not None


def check_parts(path: Path) -> None:
    """Raise Unreadable unless every part of an .xlsx is whole, and sound where it is XML: about a
    second for the register of 100,000 persons."""
    with _opened(path) as archive:
        for part in archive.infolist():
            check_part(archive, part)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as fault:
        raise Unreadable("broken_file") from fault


def _check_sizes(parts: list[zipfile.ZipInfo]) -> None:
    for part in parts:
        large = part.file_size > limit("largest_part")
        if large and part.file_size > limit("largest_ratio") * max(part.compress_size, 1):
            raise Unreadable("too_large")
    if sum(part.file_size for part in parts) > limit("largest_whole"):
        raise Unreadable("too_large")


def _check_ends(path: Path) -> None:
    """A zip has one directory, at its very end and from its very start: where something else may
    stand, two readers can see two different archives."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - END.size, 0))
        last = file.read(END.size)
    if len(last) < END.size:
        raise Unreadable("broken_file")
    sign, *_, length, start, comment = END.unpack(last)
    if sign != b"PK\x05\x06" or comment or start + length != size - END.size:
        raise Unreadable("broken_file")


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
