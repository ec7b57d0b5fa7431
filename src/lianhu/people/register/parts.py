"""Whether all parts of a workbook are what they say, and sound XML without a document type.

A reader may pass over what is broken and leave out what stands behind it; nothing that is read is
dropped in silence, so each part is walked once by a strict parser that keeps nothing. A document
type could bring entities; no workbook has one.
"""

import zipfile
from typing import IO
from xml.parsers import expat

from lianhu.people.register.findings import Unreadable

CHUNK = 1 << 20
LONGEST_TAG = 4 << 20  # of one tag: a parser holds it whole
# Read as XML whatever its ending, in any case of letters, as the reader does.
XML, OF_SHEETS = (".xml", ".rels"), ("worksheets", "sharedstrings")


def check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Read a part through; its size must be the one told (zipfile checks length and sum).

    Raises Unreadable or what zipfile raises.
    """
    name = part.filename.lower()
    with archive.open(part) as file:
        if name.endswith(XML) or any(word in name for word in OF_SHEETS):
            _walk(file)
        else:
            while file.read(CHUNK):
                pass


def _walk(file: IO[bytes]) -> None:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _no_types
    fed = 0
    try:
        while chunk := file.read(CHUNK):
            parser.Parse(chunk, False)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > LONGEST_TAG:
                raise Unreadable("too_large")
        parser.Parse(b"", True)
    except expat.ExpatError as fault:
        raise Unreadable("broken_file") from fault


def _no_types(*_: object) -> None:
    raise Unreadable("broken_file")
