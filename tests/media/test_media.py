"""Photos: parts in order, resumed, whole by their hash, and nothing but the pixels kept."""

import errno
import hashlib
import io
import os
import random
import struct
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image, TiffImagePlugin

from lianhu.media.actions import forget_parts, keep_photo, receive_part
from lianhu.media.models import Photo
from lianhu.media.queries import part_path, photo_path, received
from tests import cast
from tests.matters.helpers import code_of

AT = {"at": cast.NOON}
SECRET = b"32.80N 108.50E canary"


def jpeg(size=(640, 480), *, seed=1, **more):
    """A JPEG of coloured noise in large patches."""
    rng = random.Random(seed)
    small = Image.new("RGB", (8, 8))
    small.putdata([tuple(rng.randrange(256) for _ in range(3)) for _ in range(64)])
    content = io.BytesIO()
    small.resize(size).save(content, "JPEG", **more)
    return content.getvalue()


def sha(data):
    return hashlib.sha256(data).hexdigest()


def send(actor, data, step=50_000, start=0):
    """All parts from a byte on; the last answer."""
    answer = None
    for first in range(start, len(data), step):
        answer = receive_part(
            actor, sha(data), first, len(data), data[first : first + step], **AT
        )
    return answer


@pytest.fixture(autouse=True)
def folder(media_folder):
    return media_folder


def test_a_photo_in_parts_is_kept_under_the_hash_it_was_sent_by(warden):
    data = jpeg(quality=98)
    assert receive_part(warden, sha(data), 0, len(data), data[:1000], **AT) == 1000
    assert received(sha(data), warden.id) == (1000, False)
    assert send(warden, data, start=1000) is None
    assert received(sha(data), warden.id) == (0, True)
    photo = Photo.objects.get()
    assert (photo.sha256, photo.width, photo.height, photo.uploader_id) == (
        sha(data), 640, 480, warden.id,
    )  # fmt: skip
    with Image.open(photo_path(photo.sha256)) as kept:
        assert (kept.format, kept.size) == ("JPEG", (640, 480))
    assert not part_path(sha(data), warden.id).exists()


def test_a_part_again_or_overlapping_changes_nothing(warden):
    data = jpeg()
    receive_part(warden, sha(data), 0, len(data), data[:2000], **AT)
    assert receive_part(warden, sha(data), 0, len(data), data[:500], **AT) == 2000
    assert receive_part(warden, sha(data), 1000, len(data), data[1000:3000], **AT) == 3000
    assert send(warden, data, start=3000) is None
    assert send(warden, data) is None  # all again: it is there
    assert Photo.objects.count() == 1


def test_a_gap_tells_how_much_is_there(warden):
    data = jpeg()
    receive_part(warden, sha(data), 0, len(data), data[:100], **AT)
    assert (
        code_of(receive_part, warden, sha(data), 200, len(data), data[200:300]) == "media.gap"
    )
    assert received(sha(data), warden.id) == (100, False)


def test_wrong_content_drops_the_parts_so_that_it_can_start_again(warden):
    data = jpeg()
    bad = bytes(len(data))
    assert code_of(receive_part, warden, sha(data), 0, len(data), bad) == "media.bad_hash"
    assert received(sha(data), warden.id) == (0, False)
    assert send(warden, data) is None


def test_nobody_spoils_anothers_upload(warden, member):
    data = jpeg()
    receive_part(member, sha(data), 0, len(data), b"x" * 500, **AT)
    assert send(warden, data) is None


@pytest.mark.parametrize(
    ("start", "total", "size"),
    [(0, 0, 10), (0, -1, 0), (-1, 100, 10), (0, 12_000_001, 10), (95, 100, 10), (0, 5, 10)],
)
def test_sizes_beyond_the_bounds_are_refused(warden, start, total, size):
    code = code_of(receive_part, warden, "a" * 64, start, total, b"x" * size)
    assert code == "media.too_large"
    assert received("a" * 64, warden.id) == (0, False)


@pytest.mark.parametrize(
    "name", ["", "a" * 63, "A" * 64, "../" + "a" * 61, "a" * 64 + "\n", "é" * 64]
)
def test_a_name_that_is_no_hash_never_reaches_the_disk(warden, folder, name):
    assert code_of(receive_part, warden, name, 0, 1, b"x") == "media.bad_hash"
    assert not folder.exists()


def test_a_part_whose_total_changes_cannot_finish_early(warden):
    data = jpeg()
    receive_part(warden, sha(data), 0, len(data), data[:1000], **AT)
    code = code_of(receive_part, warden, sha(data), 500, 1000, data[500:1000])
    assert code == "media.bad_hash"  # what is there is not that photo


def _bomb():
    """A PNG header that claims 50,000 by 50,000 pixels."""

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body))
            + kind
            + body
            + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 99))
        + chunk(b"IEND", b"")
    )


def _bytes(image, kind, **more):
    content = io.BytesIO()
    image.save(content, kind, **more)
    return content.getvalue()


NOT_PHOTOS = {
    "empty jpeg": b"\xff\xd8\xff\xe0",
    "html": b"<html><script>alert(1)</script>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "pdf": b"%PDF-1.4 ...",
    "zip": b"PK\x03\x04....",
    "gif": _bytes(Image.new("RGB", (4, 4)), "GIF"),
    "bmp": _bytes(Image.new("RGB", (4, 4)), "BMP"),
    "tiff": _bytes(Image.new("RGB", (4, 4)), "TIFF"),
    "cut short": jpeg()[:300],
    "cut in the pixels": jpeg(quality=98)[:-20_000],
    "noise": bytes(range(256)) * 20,
}


@pytest.mark.parametrize("name", NOT_PHOTOS)
def test_what_is_no_photo_is_refused_and_not_kept(warden, folder, name):
    data = NOT_PHOTOS[name]
    assert code_of(receive_part, warden, sha(data), 0, len(data), data) == "media.not_image"
    assert Photo.objects.count() == 0
    assert [p for p in folder.rglob("*") if p.is_file()] == []


def test_a_bomb_of_pixels_is_refused_unopened(warden):
    data = _bomb()
    assert code_of(receive_part, warden, sha(data), 0, len(data), data) == "media.too_large"


def _with_places():
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()  # description
    exif[0x8825] = {1: "N", 2: (TiffImagePlugin.IFDRational(32, 1),) * 3, 29: SECRET.decode()}
    return exif


CARRIERS = {
    "exif": lambda: jpeg(exif=_with_places()),
    "comment": lambda: jpeg(comment=SECRET),
    "profile": lambda: jpeg(icc_profile=SECRET * 20),
    "xmp": lambda: jpeg(xmp=b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"),
    "polyglot": lambda: jpeg() + b"PK\x03\x04<script>" + SECRET,
    "png text": lambda: _png_text(),
    "webp exif": lambda: _bytes(Image.new("RGB", (40, 40)), "WEBP", exif=_with_places()),
}  # fmt: skip


def _png_text():
    from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415

    info = PngInfo()
    info.add_text("GPS", SECRET.decode())
    return _bytes(Image.new("RGB", (40, 40), "red"), "PNG", pnginfo=info)


@pytest.mark.parametrize("name", CARRIERS)
def test_only_the_pixels_are_kept(warden, name):
    data = CARRIERS[name]()
    assert SECRET in data
    assert send(warden, data) is None
    kept = photo_path(sha(data)).read_bytes()
    assert SECRET not in kept
    assert b"<script>" not in kept
    with Image.open(io.BytesIO(kept)) as picture:
        assert dict(picture.getexif()) == {}
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_photo_taken_sideways_stands_upright(warden):
    exif = Image.Exif()
    exif[0x0112] = 6
    data = jpeg((640, 480), exif=exif)
    send(warden, data)
    with Image.open(photo_path(sha(data))) as kept:
        assert kept.size == (480, 640)


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "LA", "1", "I;16"])
def test_every_kind_of_pixels_is_taken(warden, mode):
    data = _bytes(Image.new(mode, (30, 20)), "PNG")
    assert send(warden, data) is None


def test_a_large_photo_is_made_smaller(warden):
    data = jpeg((4000, 3000))
    send(warden, data)
    photo = Photo.objects.get()
    assert (photo.width, photo.height) == (1600, 1200)


def test_keep_photo_takes_a_whole_one(secretary_east):
    data = jpeg()
    assert keep_photo(secretary_east, data, **AT) == sha(data)
    assert keep_photo(secretary_east, data, **AT) == sha(data)
    assert Photo.objects.count() == 1
    assert code_of(keep_photo, secretary_east, b"x" * 12_000_001) == "media.too_large"
    assert code_of(keep_photo, secretary_east, b"x") == "media.not_image"


def test_the_same_pixels_do_not_tell_what_was_sent(warden):
    """The stored file is another than the one sent: its hash is not the photo's name."""
    data = jpeg(comment=SECRET)
    send(warden, data)
    assert sha(photo_path(sha(data)).read_bytes()) != sha(data)


def test_one_photo_twice_at_once_is_kept_whole_by_both(warden, monkeypatch):
    data, sync = jpeg(quality=98), os.fsync

    def meanwhile(number):
        sync(number)
        monkeypatch.setattr(os, "fsync", sync)
        assert keep_photo(warden, data, **AT) == sha(data)

    monkeypatch.setattr(os, "fsync", meanwhile)
    assert keep_photo(warden, data, **AT) == sha(data)
    path = photo_path(sha(data))
    with Image.open(path) as picture:
        picture.load()
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert Photo.objects.count() == 1


def test_a_last_part_twice_at_once_is_whole_for_both(warden, monkeypatch):
    data, sync = jpeg(quality=98), os.fsync
    receive_part(warden, sha(data), 0, len(data), data[:1000], **AT)

    def meanwhile(number):
        sync(number)
        monkeypatch.setattr(os, "fsync", sync)
        assert send(warden, data, start=1000) is None

    monkeypatch.setattr(os, "fsync", meanwhile)
    assert receive_part(warden, sha(data), 1000, len(data), data[1000:], **AT) is None
    assert received(sha(data), warden.id) == (0, True)


def test_a_full_disk_keeps_no_half_photo_and_the_part_may_come_again(warden, monkeypatch):
    data, sync = jpeg(quality=98), os.fsync

    def full(number):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="full"):
        keep_photo(warden, data, **AT)
    assert not photo_path(sha(data)).exists()
    assert list(photo_path(sha(data)).parent.iterdir()) == []
    assert not Photo.objects.exists()
    monkeypatch.setattr(os, "fsync", sync)
    assert keep_photo(warden, data, **AT) == sha(data)


def test_what_was_never_finished_is_dropped_once_it_is_old(warden, folder):
    data = jpeg(quality=98)
    receive_part(warden, sha(data), 0, len(data), data[:1000], **AT)
    keep_photo(warden, jpeg(seed=2), **AT)
    half = photo_path(sha(data)).with_suffix(".x.part")
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_bytes(data[:500])
    written = datetime.fromtimestamp(half.stat().st_mtime, UTC)
    assert forget_parts(at=written + timedelta(days=29)) == 0
    assert forget_parts(at=written + timedelta(days=31)) == 2
    assert received(sha(data), warden.id) == (0, False)
    assert photo_path(sha(jpeg(seed=2))).exists()


def test_a_photo_is_no_more_open_than_the_servers_files_are(warden):
    before = os.umask(0o077)
    try:
        keep_photo(warden, jpeg(), **AT)
    finally:
        os.umask(before)
    assert photo_path(sha(jpeg())).stat().st_mode & 0o777 == 0o600
