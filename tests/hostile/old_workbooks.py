"""Old workbooks (.xls: BIFF8 in a compound file) that are small on disk and large in memory."""

import struct
from collections.abc import Callable, Iterable
from pathlib import Path

SECTOR = 512
FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
LONG = 8_000  # signs of a text that still fits one record
HEADINGS = ("序号", "姓名", "与户主关系", "身份证号")


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _begin(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHLL", 0x0600, kind, 0, 1997, 0, 0x0600))


def _text(text: str) -> bytes:
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def _narrow(text: str) -> bytes:
    return struct.pack("<HB", len(text), 0) + text.encode("latin-1")


def _says(row: int, column: int, text: int) -> bytes:
    return _record(0x00FD, struct.pack("<HHHL", row, column, 0, text))


def _number(row: int, column: int) -> bytes:
    return _record(0x0203, struct.pack("<HHHd", row, column, 0, 1.0))


def write(path: Path, texts: Iterable[bytes], sheets: list[bytes]) -> Path:
    """A workbook of sheets, each the records of its cells, that share some texts."""
    shared = list(texts)
    table = _record(0x00FC, struct.pack("<LL", len(shared), len(shared)) + b"".join(shared))
    names = [f"s{number}".encode() for number in range(len(sheets))]
    before = len(_begin(5)) + sum(12 + len(name) for name in names) + len(table) + 4
    bodies = [_begin(0x10) + cells + _record(0x0A, b"") for cells in sheets]
    starts = [before + sum(map(len, bodies[:number])) for number in range(len(sheets))]
    bounds = (
        _record(0x85, struct.pack("<LBBBB", at, 0, 0, len(name), 0) + name)
        for at, name in zip(starts, names, strict=True)
    )
    globals_ = _begin(5) + b"".join(bounds) + table + _record(0x0A, b"")
    path.write_bytes(_compound(globals_ + b"".join(bodies)))
    return path


def _compound(stream: bytes) -> bytes:
    """A compound file with the one stream "Workbook"."""
    size = max(len(stream), 4096)
    count = -(-size // SECTOR)
    tables = next(n for n in range(1, 110) if n * 128 >= n + 1 + count)
    links = [TABLE] * tables + [END] + [tables + 2 + n for n in range(count - 1)] + [END]
    links += [FREE] * (tables * 128 - len(links))
    head = struct.pack(
        "<8s16xHHHHH6xLLLLLLLLL", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0,
        tables, tables, 0, 4096, END, 0, END, 0,
    ) + struct.pack("<109L", *range(tables), *[FREE] * (109 - tables))  # fmt: skip
    folder = _entry("Root Entry", 5, 1, END, 0) + _entry("Workbook", 2, FREE, tables + 1, size)
    return (
        head + struct.pack(f"<{len(links)}L", *links) + folder.ljust(SECTOR, b"\0")
        + stream.ljust(count * SECTOR, b"\0")
    )  # fmt: skip


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    wide = name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBLLL16x4x8x8xLQ", wide, len(wide) + 2, kind, 1, FREE, FREE, child, start, size
    )


def _register(path: Path) -> Path:
    texts = (*HEADINGS, "王伟", "户主", "610921196001010015")
    cells = [_says(0, column, column) for column in range(4)]
    cells += [_number(1, 0), *(_says(1, column, column + 3) for column in range(1, 4))]
    return write(path, map(_text, texts), [b"".join(cells)])


def _far_sheets(path: Path) -> Path:
    return write(path, [], [_number(0, 0) + _number(65_535, 255)] * 40)


def _said_again(path: Path) -> Path:
    cells = b"".join(_says(row, column, 0) for row in range(65_536) for column in range(5))
    return write(path, [_narrow("x" * LONG)], [cells])


# Read as a table; and refused, whatever the file says of itself.
TAKEN = _register
REFUSED: dict[str, Callable[[Path], Path]] = {
    "one long text, 330,000 times": _said_again,
    "forty sheets with a cell far away": _far_sheets,
}
