"""Pictures made to harm: refused by code or kept as pixels alone, within bounds of memory and time."""

import io
import random
import struct
import zlib

import pytest
from django.db import connection
from PIL import Image

from lianhu.media.actions import keep_photo
from lianhu.media.queries import photo_path
from tests import cast
from tests.hostile.measured import measured
from tests.matters.helpers import code_of

MOST, HELD, SECONDS = 1_800, 700, 120
AT = {"at": cast.NOON}
CANARY = b"LIANHU-PHOTO-CANARY"


def encoded(kind, size=(64, 48), mode="RGB", **more):
    content = io.BytesIO()
    Image.new(mode, size).save(content, kind, **more)
    return content.getvalue()


def chunk(kind, body):
    whole = kind + body
    return struct.pack(">I", len(body)) + whole + struct.pack(">I", zlib.crc32(whole))


def png(width, height, *more, rows=None):
    """A PNG of black that packs a thousandfold."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(width // 8 + 1)) for _ in range(rows or height))
    return b"".join((
        b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), *more,
        chunk(b"IDAT", packed + packer.flush()), chunk(b"IEND", b""),
    ))  # fmt: skip


def jpeg_that_says(width, height):
    content = bytearray(encoded("JPEG"))
    at = content.index(b"\xff\xc0") + 5
    content[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(content)


def webp_that_says(width, height):
    content = bytearray(encoded("WEBP", lossless=True, exif=b"Exif\0\0" + CANARY))
    at = content.index(b"VP8X") + 12
    content[at : at + 6] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(
        3, "little"
    )
    return bytes(content)


def scans(count, size=(2000, 2000)):
    """A progressive JPEG whose last scan comes again and again."""
    content = encoded("JPEG", size, progressive=True)
    last = content[content.rindex(b"\xff\xda") : -2]
    return content[:-2] + last * count + content[-2:]


def frames(kind):
    many = [Image.new("RGB", (900, 900), (n, 0, 0)) for n in range(60)]
    return encoded(kind, (900, 900), save_all=True, append_images=many)


HARMFUL = {
    "png of 10 Gpixel": ("media.too_large", lambda: png(100_000, 100_000, rows=9)),
    "png just over": ("media.too_large", lambda: png(8_000, 5_001)),
    "png texts that unpack": ("media.not_image", lambda: png(64, 64, *(
        [chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(60_000_000), 9))] * 5))),
    "png profile that unpacks": ("media.not_image", lambda: png(64, 64, chunk(
        b"iCCP", b"a\0\0" + zlib.compress(bytes(90_000_000), 9)))),
    "jpeg of 4 Gpixel": ("media.too_large", lambda: jpeg_that_says(65_500, 65_500)),
    "jpeg just over": ("media.too_large", lambda: jpeg_that_says(8_000, 5_001)),
    "jpeg of 20,000 scans": ("media.not_image", lambda: scans(20_000)),
    "webp of 268 Mpixel": ("media.too_large", lambda: webp_that_says(16_383, 16_383)),
    "gif": ("media.not_image", lambda: encoded("GIF", (16_000, 16_000), "P")),
    "gif of 60 pictures": ("media.not_image", lambda: frames("GIF")),
    "webp of 60 pictures": ("900x900", lambda: frames("WEBP")),
    "the largest allowed": ("1600x1000", lambda: png(8_000, 5_000)),
}  # fmt: skip


@pytest.mark.parametrize("name", HARMFUL)
def test_a_picture_costs_no_more_than_a_photo(tmp_path, name):
    if connection.vendor != "sqlite":
        pytest.skip("no database is asked; once is enough")
    told, make = HARMFUL[name]
    path = tmp_path / "x"
    path.write_bytes(make())
    cost = measured("photo", path, MOST)
    assert cost.answer == told
    assert cost.grown < HELD
    assert cost.seconds < SECONDS


HTML = b"<script>parent.x='" + CANARY + b"'</script>"
TWO_FACED = {
    "comment of html": lambda: encoded("JPEG", comment=HTML),
    "comments without end": lambda: (
        encoded("JPEG")[:2]
        + (b"\xff\xfe" + struct.pack(">H", len(HTML) + 2) + HTML) * 5_000
        + encoded("JPEG")[2:]
    ),
    "script behind": lambda: encoded("JPEG") + b"\n*/=1;alert(1)//" + CANARY,
    "archive behind": lambda: encoded("JPEG") + b"PK\x03\x04" + CANARY,
    "html behind a png": lambda: encoded("PNG") + HTML,
    "xmp": lambda: encoded("JPEG", xmp=b"<x:xmpmeta>" + CANARY + b"</x:xmpmeta>"),
    "places in a png": lambda: png(64, 64, chunk(b"eXIf", b"MM\0*\0\0\0\x08\0\0" + CANARY)),
    "own chunk": lambda: png(64, 64, chunk(b"cNRy", CANARY)),
    "film behind": lambda: encoded("JPEG") + random.Random(1).randbytes(900_000) + CANARY,
}


@pytest.mark.parametrize("name", TWO_FACED)
def test_a_picture_with_two_faces_keeps_one(secretary_east, media_folder, name):
    data = TWO_FACED[name]()
    assert CANARY in data
    kept = photo_path(keep_photo(secretary_east, data, **AT)).read_bytes()
    assert CANARY not in kept
    assert not any(
        mark in kept for mark in (b"<script", b"PK\x03\x04", b"alert", b"Exif", b"http")
    )


NO_PICTURES = {
    "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
    "html that begins as one": b"\xff\xd8\xff\xe0<html><script>alert(1)</script>",
    "gif with script": b"GIF89a/*" + HTML + b"*/=1;",
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n(%pipe%id) (w) file",
    "cut": encoded("JPEG", (900, 900))[:-300],
    "other kinds": encoded("TIFF"),
    "jpeg 2000": encoded("JPEG2000"),
    "avif": encoded("AVIF"),
}


@pytest.mark.parametrize("name", NO_PICTURES)
def test_what_is_no_photo_is_not_kept(secretary_east, media_folder, name):
    assert code_of(keep_photo, secretary_east, NO_PICTURES[name]) == "media.not_image"
    assert not [p for p in media_folder.rglob("*") if p.is_file()]


def test_a_photo_with_film_behind_and_an_ordinary_progressive_one_are_taken(
    secretary_east, media_folder
):
    for data in (TWO_FACED["film behind"](), scans(5, (64, 64))):
        assert keep_photo(secretary_east, data, **AT)
