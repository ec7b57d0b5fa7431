"""Workbooks made to harm whoever opens them: `KINDS` gives a function that writes each."""

import random
import warnings
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = ("户号", "姓名", "与户主关系", "备注")
CANARY = "LIANHU-HOSTILE-CANARY"
MILLION = 1_000_000
Parts = dict[str, "str | bytes | Iterable[bytes]"]


def parts(sheet: str | bytes | Iterable[bytes], shared: str | bytes | Iterable[bytes] = "",
          target: str = "worksheets/sheet1.xml") -> Parts:  # fmt: skip
    """The parts of a workbook of one sheet."""
    made: Parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="台账" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="{target}"/>'
        f'<Relationship Id="r2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        f"xl/{target}": sheet,
    }
    if shared:
        made["xl/sharedStrings.xml"] = shared
    return made


def pack(path: Path, made: Parts, level: int = 6) -> Path:
    """Write the parts; a part of chunks is never whole in memory."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in made.items():
            if isinstance(content, str | bytes):
                archive.writestr(name, content)
                continue
            with archive.open(name, "w", force_zip64=True) as file:
                for chunk in content:
                    file.write(chunk)
    return path


def text_cell(text: str, where: str = "") -> str:
    """A cell that holds a text of its own."""
    at = f' r="{where}"' if where else ""
    return f'<c{at} t="inlineStr"><is><t>{text}</t></is></c>'


def sheet(*rows: Iterable[str], more: str = "", after: str = "", doctype: str = "") -> str:
    """A sheet with a register's heading, then rows of cells as they are given."""
    head = "".join(text_cell(word) for word in HEAD)
    body = "".join(f"<row>{''.join(row)}</row>" for row in rows)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{doctype}<worksheet xmlns="{MAIN}">'
        f"<sheetData><row>{head}</row>{body}{more}</sheetData>{after}</worksheet>"
    )


def person(name: str = "王伟", remark: str = "") -> list[str]:
    """A head of a household as cells."""
    return [text_cell(t) for t in ("1", name, "户主", remark)]


def noise(unpacked: int) -> bytes:
    """A comment that packs badly: with it, a part of this size looks no more packed than honest
    ones."""
    return b"<!-- " + random.Random(321).randbytes(unpacked // 120).hex().encode() + b" -->"


def _many(
    one: bytes, count: int, *, before: bytes = b"", after: bytes = b""
) -> Iterable[bytes]:
    opening, closing = sheet().split("</sheetData>")
    yield opening.encode() + before
    step = 100_000
    for start in range(0, count, step):
        yield one * min(step, count - start)
    yield after + b"</sheetData>" + noise(len(one) * count) + closing.encode()


def _far(where: str) -> Callable[[Path], Path]:
    return lambda path: pack(path, parts(sheet(more=f"<row><c {where}><v>1</v></c></row>")))


def _no_references(path: Path) -> Path:
    return pack(path, parts(_many(b"<c><v>1</v></c>", 16 * MILLION, before=b"<row>",
                                  after=b"</row>"), target="worksheets/sheet1.xml"), 9)  # fmt: skip


def _wide_then_long(path: Path) -> Path:
    wide = b"<row>" + b"<c><v>1</v></c>" * 16_384 + b"</row>"
    return pack(path, parts(_many(b"<row><c><v>1</v></c></row>", MILLION // 5, before=wide)))


def _shared_again(path: Path) -> Path:
    """One text of 40,000 signs, said by 400,000 cells: 48 GB where each is copied."""
    shared = f'<sst xmlns="{MAIN}"><si><t>{"字" * 40_000}</t></si></sst>'
    row = b'<row><c t="s"><v>0</v></c><c t="s"><v>0</v></c></row>'
    return pack(path, parts(_many(row, MILLION // 5), shared))


def _shared_empty(path: Path) -> Path:
    shared = (
        f'<sst xmlns="{MAIN}">'.encode(),
        *([b"<si/>" * MILLION] * 4),
        noise(500 * MILLION),
        b"</sst>",
    )
    return pack(path, parts(sheet(person()), shared), 9)


def _merges(path: Path) -> Path:
    opening = sheet(person()).removesuffix("</worksheet>")
    many = (b'<mergeCell ref="A1:B2"/>' * MILLION for _ in range(3))
    content = (
        opening.encode() + b"<mergeCells>",
        *many,
        noise(500 * MILLION),
        b"</mergeCells></worksheet>",
    )
    return pack(path, parts(content), 9)


def _hidden_name(target: str, stored: str) -> Callable[[Path], Path]:
    """A sheet under a name that a check by names would pass over."""

    def write(path: Path) -> Path:
        made = parts(sheet(more='<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
                     target=target)  # fmt: skip
        made[stored] = made.pop(f"xl/{target}")
        return pack(path, made)

    return write


def _ods_within(path: Path) -> Path:
    """A zip that is no workbook to one reader and another kind of workbook to the next."""
    made = parts("<broken")
    made["xl/workbook.xml"] = "<workbook><broken"
    made["mimetype"] = "application/vnd.oasis.opendocument.spreadsheet"
    made["META-INF/manifest.xml"] = "<manifest/>"
    table = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    made["content.xml"] = (
        f'<office:document-content xmlns:office="{office}" xmlns:table="{table}"><office:body>'
        '<office:spreadsheet><table:table table:name="a"><table:table-row '
        'table:number-rows-repeated="1048576"><table:table-cell office:value-type="float" '
        'office:value="1" table:number-columns-repeated="16384"/></table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    return pack(path, made)


LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "哈" * 10}">' for n in range(10)
)


def _entities(doctype: str, text: str) -> Callable[[Path], Path]:
    return lambda path: pack(path, parts(sheet(person(remark=text), doctype=doctype)))


def _nested(path: Path) -> Path:
    inner = path.with_suffix(".inner")
    pack(inner, {"xl/workbook.xml": (b"\0" * MILLION for _ in range(900))}, 9)
    for _ in range(3):
        inner = pack(inner.with_suffix(inner.suffix + "x"), {"a.xlsx": inner.read_bytes()})
    made = parts(sheet(person()))
    made["xl/embeddings/a.xlsx"] = inner.read_bytes()
    return pack(path, made)


def _declared(path: Path) -> Path:
    return pack(path, parts(b" " * MILLION for _ in range(200)), 9)


def _lying(path: Path) -> Path:
    """200 MB that say they are 1,000 bytes, in the directory and before the data."""
    _declared(path)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        about = archive.getinfo("xl/worksheets/sheet1.xml")
    told = about.file_size.to_bytes(4, "little")
    at = content.rindex(told)
    content[at : at + 4] = (1000).to_bytes(4, "little")
    path.write_bytes(content)
    return path


def _rows_of_nothing(path: Path) -> Path:
    return pack(path, parts(_many(b"<row/>", 8 * MILLION)), 9)


def _books(path: Path) -> Path:
    """Two archives in one file: which is read depends on where a reader looks first."""
    pack(path, parts(sheet(person())))
    first = path.read_bytes()
    _far('r="XFD1048576"')(path)
    path.write_bytes(path.read_bytes() + first)
    return path


def _comment(path: Path) -> Path:
    pack(path, parts(sheet(person())))
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"PK\x05\x06" + b"\0" * 18
    return path


def _one_tag(path: Path) -> Path:
    """One tag of a hundred megabytes: a parser that begins anew at each piece never ends."""
    opening, closing = sheet().split("</sheetData>")
    many = (random.Random(n).randbytes(MILLION // 2).hex().encode() for n in range(24))
    content = (opening.encode(), b'<row x="', *many, b'"/></sheetData>', closing.encode())
    return pack(path, parts(content))


def _pairs(path: Path) -> Path:
    """A sheet that two parts of the same name give."""
    made = parts(sheet(person()))
    pack(path, made)
    with zipfile.ZipFile(path, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        far = sheet(more="<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>")
        archive.writestr("xl/worksheets/sheet1.xml", far)
    return path


# Whatever harms is refused as a whole.
REFUSED: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "a cell far away, plain": ("too_large", _far('r="XFD1048576"')),
    "a cell far away, other quotes": ("too_large", _far("r='XFD1048576'")),
    "a cell far away, spaces": ("too_large", _far('s="1"\n r = "XFD1048576"')),
    "a cell far away, small letters": ("too_large", _far('r="xfd1048576"')),
    "a cell far away, after a greater sign": ("too_large", _far('s=">" r="XFD1048576"')),
    "cells without references": ("too_large", _no_references),
    "a wide row, then 200,000": ("too_large", _wide_then_long),
    "one long text, 400,000 times": ("too_large", _shared_again),
    "empty texts without end": ("too_large", _shared_empty),
    "merged cells without end": ("too_large", _merges),
    "a sheet of another ending": ("too_large", _hidden_name("worksheets/s.bin", "xl/worksheets/s.bin")),
    "a sheet in capital letters": ("too_large",
        _hidden_name("worksheets/s.xml", "xl/WorkSheets/S.XML")),
    "another kind of workbook within": ("broken_file", _ods_within),
    "a billion laughs": ("broken_file", _entities(f"<!DOCTYPE a [{LAUGHS}]>", "&l9;")),
    "an external entity": ("broken_file",
        _entities('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;")),
    "an external type": ("broken_file",
        _entities('<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">', "x")),
    "two archives in one": ("broken_file", _books),
    "a directory in a comment": ("broken_file", _comment),
    "two parts of one name": ("broken_file", _pairs),
    "one tag without end": ("too_large", _one_tag),
    "a bomb that says so": ("too_large", _declared),
    "a bomb that lies": ("broken_file", _lying),
}  # fmt: skip


def _with(name: str, content: str | bytes) -> Callable[[Path], Path]:
    return lambda path: pack(path, parts(sheet(person())) | {name: content})


def _formula(formula: str) -> Callable[[Path], Path]:
    cell = f'<c t="str"><f>{formula}</f><v>王伟</v></c>'
    row = [text_cell("1"), cell, text_cell("户主"), text_cell("")]
    return lambda path: pack(path, parts(sheet(row)))


def _columns(path: Path) -> Path:
    wide = "".join(f"<c><v>{n}</v></c>" for n in range(16_384))
    return pack(path, parts(sheet(person(), [wide])))


def _empty_rows(path: Path) -> Path:
    rows = b'<row r="%d"/>'
    many = (b"".join(rows % n for n in range(start, start + 100_000))
            for start in range(3, MILLION, 100_000))  # fmt: skip
    opening, closing = sheet(person()).split("</sheetData>")
    return pack(path, parts((opening.encode(), *many, b"</sheetData>", closing.encode())))


# What may stand in an honest file, or runs only where somebody runs it, is read as a table.
TAKEN: dict[str, Callable[[Path], Path]] = {
    "macros": _with("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" + b"Shell" * 900),
    "a link to another workbook": _with(
        "xl/externalLinks/externalLink1.xml",
        f'<externalLink xmlns="{MAIN}" xmlns:r="{OFFICE}"><externalBook r:id="r1"/></externalLink>',
    ),
    "a link elsewhere": _with(
        "xl/externalLinks/_rels/externalLink1.xml.rels",
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{OFFICE}/externalLinkPath" Target="http://127.0.0.1:9/{CANARY}.xlsx" '
        'TargetMode="External"/></Relationships>',
    ),
    "a formula with an address": _formula(f'HYPERLINK("http://127.0.0.1:9/{CANARY}","王伟")'),
    "a formula that fetches": _formula(f'WEBSERVICE("http://127.0.0.1:9/{CANARY}")'),
    "an exchange with a program": _formula("cmd|'/C calc'!A0"),
    "bombs within bombs": _nested,
    "16,384 columns": _columns,
    "a million empty rows": _empty_rows,
}
