"""What a workbook's sheets would take in memory, told before anything is built of them.

The reader makes a table as wide as the farthest cell and copies a shared text for each cell that
says it, so a file of a few kilobytes can ask for gigabytes. Each part is therefore walked once by
a strict parser that keeps nothing. What is not well-formed, or brings a document type (and with it
entities), is no workbook.
"""

import zipfile
from collections.abc import Callable
from functools import cache
from xml.parsers import expat

from lianhu.people.register.cells import limit
from lianhu.people.register.findings import Unreadable

CELL_BYTES = 32  # what one cell takes in the reader's table, filled or not
CHUNK = 1 << 20
LONGEST_TAG = 4 << 20  # of one tag: a parser holds it whole
# What an element becomes in memory, at the most.
WEIGHTS = {"c": 96, "si": 128, "mergeCell": 512}
OTHER = 32
MOST_TEXTS = 3_000_000  # a county of 313,000 persons shares fewer than two
MOST_ROWS, MOST_COLUMNS = 1 << 20, 1 << 14


class Weight:
    """The weight of one workbook, added up over its parts."""

    def __init__(self) -> None:
        self.most = limit("largest_whole")
        self.bytes = 0
        self.texts: list[int] = []  # how long each shared text is, markup counted
        self.sheets: list[tuple[zipfile.ZipInfo, int]] = []  # and how many cells share texts

    def add(self, more: int) -> None:
        """Raise Unreadable when it gets too much."""
        self.bytes += more
        if self.bytes > self.most:
            raise Unreadable("too_large")

    def weigh(self, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
        """Read a part through once; its size must be the one told (zipfile checks length and
        sum). Names are compared as the reader does: in any case of letters."""
        name = part.filename.lower()
        sheet, shared = "worksheets" in name, "sharedstrings" in name
        if not (sheet or shared or name.endswith((".xml", ".rels"))):
            with archive.open(part) as file:
                while file.read(CHUNK):
                    pass
            return
        if sheet:
            cells = _Sheet(self)
            _walk(archive, part, cells.start)
            self.add(cells.rows * cells.columns * CELL_BYTES)
            self.sheets.append((part, cells.sharing))
        elif shared:
            texts = _Texts(self)
            _walk(archive, part, texts.start, texts.end)
        else:
            _walk(archive, part, _Plain(self).start)

    def settle(self, archive: zipfile.ZipFile) -> None:
        """Add the texts that cells share, exactly where a rough sum would be too much."""
        longest = max(self.texts, default=0)
        if self.bytes + sum(count for _, count in self.sheets) * longest <= self.most:
            return
        for part, count in self.sheets:
            if count:
                said = _Said(self)
                _walk(archive, part, said.start, said.end, said.text)


class _Plain:
    def __init__(self, weight: Weight) -> None:
        self.weight = weight

    def start(self, name: str, given: list[str]) -> None:
        self.weight.add(OTHER)


class _Texts:
    """Lengths of the shared texts, by where each begins and ends."""

    def __init__(self, weight: Weight) -> None:
        self.weight = weight
        self.began = 0
        self.where: Callable[[], int] = int

    def start(self, name: str, given: list[str]) -> None:
        name = name.rpartition(":")[2]
        self.weight.add(WEIGHTS.get(name, OTHER))
        if name == "si":
            self.began = self.where()

    def end(self, name: str) -> None:
        if name.rpartition(":")[2] == "si":
            self.weight.texts.append(self.where() - self.began)
            if len(self.weight.texts) > MOST_TEXTS:
                raise Unreadable("too_large")


class _Sheet:
    """How far a sheet's cells reach; a cell or row that says no place follows the last."""

    def __init__(self, weight: Weight) -> None:
        self.weight = weight
        self.rows = self.columns = self.row = self.column = self.sharing = 0

    def start(self, name: str, given: list[str]) -> None:
        if name not in ("c", "v", "row"):
            name = name.rpartition(":")[2]
        weight = self.weight
        weight.bytes += WEIGHTS.get(name, OTHER)
        if weight.bytes > weight.most:
            raise Unreadable("too_large")
        if name == "c":
            self.column += 1
            for at in range(0, len(given), 2):
                if given[at] == "r":
                    self._place(given[at + 1])
                elif given[at] == "t" and given[at + 1] == "s":
                    self.sharing += 1
            if self.column > self.columns:
                self.columns = self.column
                if self.column > MOST_COLUMNS:
                    raise Unreadable("too_large")
        elif name == "row":
            self.column = 0
            told = given[given.index("r") + 1] if "r" in given[::2] else ""
            self._down(_number(told) if told else self.row + 1)

    def _place(self, text: str) -> None:
        letters = text.rstrip("0123456789")
        self.column = _column(letters)
        row = _number(text[len(letters) :])
        if row != self.row:
            self._down(row)

    def _down(self, row: int) -> None:
        self.row = row
        if row > MOST_ROWS:
            raise Unreadable("too_large")
        self.rows = max(self.rows, row)


class _Said:
    """The texts that a sheet's cells share, each as often as it is said."""

    def __init__(self, weight: Weight) -> None:
        self.weight = weight
        self.shared = False
        self.number: list[str] = []

    def start(self, name: str, given: list[str]) -> None:
        if name.rpartition(":")[2] == "c":
            pairs = zip(given[::2], given[1::2], strict=True)
            self.shared, self.number = ("t", "s") in pairs, []

    def text(self, text: str) -> None:
        if self.shared:
            self.number.append(text)

    def end(self, name: str) -> None:
        if self.shared and name.rpartition(":")[2] == "c":
            told, texts = _number("".join(self.number).strip() or "0"), self.weight.texts
            self.weight.add(texts[told] if told < len(texts) else 0)
            self.shared = False


@cache
def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
        if not "A" <= letter <= "Z" or number > MOST_COLUMNS:
            raise Unreadable("broken_file")
    return number


def _number(text: str) -> int:
    """A row's or a text's number; raises Unreadable for what is none."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        raise Unreadable("broken_file")
    return int(text)


def _no_types(*_: object) -> None:
    raise Unreadable("broken_file")


def _walk(
    archive: zipfile.ZipFile,
    part: zipfile.ZipInfo,
    start: Callable[[str, list[str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Parse a part in pieces; raises Unreadable where it is not well-formed."""
    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.StartDoctypeDeclHandler = _no_types
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    owner = getattr(start, "__self__", None)
    if isinstance(owner, _Texts):
        owner.where = lambda: parser.CurrentByteIndex
    fed = 0
    try:
        with archive.open(part) as file:
            while chunk := file.read(CHUNK):
                parser.Parse(chunk, False)
                fed += len(chunk)
                if fed - parser.CurrentByteIndex > LONGEST_TAG:
                    raise Unreadable("too_large")
        parser.Parse(b"", True)
    except expat.ExpatError as fault:
        raise Unreadable("broken_file") from fault
