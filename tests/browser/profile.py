"""Search a closed browser's profile for what must not be in it, past everything that would hide it.

Chromium keeps IndexedDB in LevelDB: tables whose blocks are packed by Snappy, logs whose records are
cut at 32 KB; Blink packs large values by Snappy once more; the HTTP cache keeps gzip as it came. All
of it is unpacked before it is searched, in UTF-8 and in the UTF-16 in which V8 writes Chinese.
"""

import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

# Blink's own header of a value that it packed: version tag, pseudo-version, "Snappy follows".
BLINK_SNAPPY = b"\xff\x11\x02"
TABLE_MAGIC = b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"
BLOCK = 32_768
MOST = 64 * 1024 * 1024


def found(profile: Path, wanted: Iterable[str | bytes]) -> dict[str | bytes, set[str]]:
    """What of `wanted` is anywhere in the profile, and in which files."""
    forms = [(one, form) for one in wanted for form in _forms(one)]
    seen: dict[str | bytes, set[str]] = {}
    for file in sorted(path for path in profile.rglob("*") if path.is_file()):
        for piece in unpacked(file.read_bytes()):
            for one, form in forms:
                if form in piece:
                    seen.setdefault(one, set()).add(str(file.relative_to(profile)))
    return seen


def _forms(one: str | bytes) -> list[bytes]:
    if isinstance(one, bytes):
        return [one]
    escaped = one.encode("ascii", "backslashreplace")
    return list({one.encode(), one.encode("utf-16-le"), escaped})


def unpacked(data: bytes) -> Iterator[bytes]:
    """The bytes themselves and everything that is packed in them."""
    layers = [data, *_tables(data), _log(data)]
    for layer in layers:
        yield layer
        for match in re.finditer(re.escape(BLINK_SNAPPY), layer):
            yield snappy(layer[match.end() :])
        for match in re.finditer(b"\x1f\x8b\x08", layer):
            yield _gzip(layer[match.start() :])


def _gzip(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(data, MOST)
    except zlib.error:
        return b""


def _tables(data: bytes) -> list[bytes]:
    """The blocks of a LevelDB table, joined: keys share beginnings, values are whole."""
    if not data.endswith(TABLE_MAGIC):
        return []
    footer = data[-48:]
    _, at = _varint(footer, 0)
    _, at = _varint(footer, at)  # the handle of the meta index
    where, at = _varint(footer, at)
    size, _ = _varint(footer, at)
    return [_block(data, *handle) for handle in _handles(_block(data, where, size))]


def _handles(index: bytes) -> Iterator[tuple[int, int]]:
    """Where the blocks are, from the values of an index block."""
    end = len(index) - 4 - 4 * int.from_bytes(index[-4:], "little")
    at = 0
    while at < end:
        _, at = _varint(index, at)
        key, at = _varint(index, at)
        value, at = _varint(index, at)
        where, then = _varint(index, at + key)
        size, _ = _varint(index, then)
        yield where, size
        at += key + value


def _block(data: bytes, where: int, size: int) -> bytes:
    block, kind = data[where : where + size], data[where + size]
    return snappy(block) if kind == 1 else block


def _log(data: bytes) -> bytes:
    """The records of a LevelDB log without the headers that cut them; of anything else, little."""
    out = bytearray()
    for start in range(0, len(data), BLOCK):
        at, end = start, min(start + BLOCK, len(data))
        while at + 7 <= end:
            length, kind = int.from_bytes(data[at + 4 : at + 6], "little"), data[at + 6]
            if kind not in (1, 2, 3, 4) or at + 7 + length > end:
                break
            out += data[at + 7 : at + 7 + length]
            at += 7 + length
    return bytes(out)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def snappy(data: bytes) -> bytes:
    """What Snappy packed (its raw format); as much as can be read of what is broken off."""
    out = bytearray()
    try:
        total, at = _varint(data, 0)
        while len(out) < min(total, MOST):
            tag = data[at]
            at += 1
            if tag & 3 == 0:
                length, extra = (tag >> 2) + 1, max(0, (tag >> 2) - 59)
                if extra:
                    length = int.from_bytes(data[at : at + extra], "little") + 1
                at += extra
                out += data[at : at + length]
                at += length
                if at > len(data):
                    break
                continue
            if tag & 3 == 1:
                length, back, at = 4 + (tag >> 2 & 7), (tag >> 5) << 8 | data[at], at + 1
            else:
                width = 2 if tag & 3 == 2 else 4
                length = (tag >> 2) + 1
                back, at = int.from_bytes(data[at : at + width], "little"), at + width
            if not 0 < back <= len(out):
                break
            for _ in range(length):
                out.append(out[-back])
    except IndexError:
        pass  # broken off: what came before it is searched all the same
    return bytes(out)
