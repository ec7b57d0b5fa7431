"""Take photos in parts, check their hash, and keep them re-encoded on a fresh canvas.

A phone seals a photo to the county while it waits, and sends it so. It goes by the hash of the
picture itself either way, which only the picture in the envelope can fit.
"""

import hashlib
import io
import os
import re
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from PIL import Image, ImageOps, UnidentifiedImageError

from lianhu.accounts.models import User
from lianhu.kernel.actor import Actor
from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import Refusal
from lianhu.kernel.exchange import envelope_of, open_written
from lianhu.kernel.ids import uuid7
from lianhu.media.models import Photo
from lianhu.media.queries import is_sha256, part_path, photo_path

# The next marker, over pixels (stuffed bytes, restarts) and fill bytes.
MARKER, SCAN, END_OF_IMAGE = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]"), 0xDA, 0xD9
NAMED_FORMATS = ("JPEG", "PNG", "WEBP")
SEALED = "lianhu-photo/1"
MOST_HEAD = 2_000  # bytes of the line that goes before a sealed photo


def receive_part(
    actor: Actor, sha256: str, start: int, total: int, part: bytes, *, at: datetime
) -> int | None:
    """Append one part of a photo, open or sealed; the bytes now there, or None when it is whole.

    Parts come in order: one that starts past the end is refused with ``media.gap`` (ask with
    HEAD where to go on), one that was there already is skipped. Refuses ``media.bad_hash`` (name
    or content; the parts are dropped and the phone starts again), ``media.too_large``,
    ``media.not_image``; of a sealed one ``media.of_another``, ``media.key_gone``.
    """
    limit = read("media.toml")["limits"]
    if not is_sha256(sha256):
        raise Refusal("media.bad_hash")
    if Photo.objects.filter(sha256=sha256).exists():
        return None
    if not 0 < total <= limit["bytes"] or start < 0 or start + len(part) > total:
        raise Refusal("media.too_large", bytes=limit["bytes"])
    try:
        there = _append(part_path(sha256, actor.id), start, part)
        if there < total:
            return there
        _finish(actor, sha256, part_path(sha256, actor.id), at=at)
    except FileNotFoundError as error:
        # The same part came twice at once, and the other has just finished the photo or dropped it.
        if Photo.objects.filter(sha256=sha256).exists():
            return None
        raise Refusal("media.gap", received=0) from error
    return None


def _append(path: Path, start: int, part: bytes) -> int:
    """Write a part where it belongs; the bytes now there."""
    there = path.stat().st_size if path.exists() else 0
    if start > there:
        raise Refusal("media.gap", received=there)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("r+b" if there else "wb") as file:
        file.seek(start)
        file.write(part)
        file.truncate(max(there, start + len(part)))
        file.flush()
        os.fsync(file.fileno())
        return file.seek(0, os.SEEK_END)


def keep_photo(actor: Actor, data: bytes, *, at: datetime) -> str:
    """Keep a photo that came whole (desk, board); its hash. Refuses as `receive_part`."""
    if len(data) > read("media.toml")["limits"]["bytes"]:
        raise Refusal("media.too_large")
    sha256 = hashlib.sha256(data).hexdigest()
    _store(actor, sha256, data, at=at)
    return sha256


def forget_parts(*, at: datetime) -> int:
    """Drop what came of photos that were never finished, and what a server that was killed left
    half written, once it is old; how many files. A phone that still has such a photo begins anew."""
    oldest = (at - timedelta(days=read("media.toml")["limits"]["unfinished_days"])).timestamp()
    folder = Path(settings.LIANHU_MEDIA)
    old = [
        path
        for path in (*folder.glob("parts/*"), *folder.glob("??/*.part"))
        if path.stat().st_mtime < oldest
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def drop_photos(names: list[str]) -> int:
    """Delete photos, their files once the transaction is through; how many."""
    # open to all: named by whoever knows that nothing has them any more.
    Photo.objects.filter(sha256__in=names).delete()
    for name in names:
        transaction.on_commit(partial(photo_path(name).unlink, missing_ok=True))
    return len(names)


def _finish(actor: Actor, sha256: str, path: Path, *, at: datetime) -> None:
    data = path.read_bytes()
    try:
        if hashlib.sha256(data).hexdigest() != sha256:
            data = _opened(actor, sha256, data)
        _store(actor, sha256, data, at=at)
    finally:
        path.unlink(missing_ok=True)


def _opened(actor: Actor, sha256: str, data: bytes) -> bytes:
    """The photo of that hash in an envelope of this person's: a line of JSON, and what it seals."""
    head, _, _ = data[:MOST_HEAD].partition(b"\n")
    outer = envelope_of(head, SEALED)
    if outer is None:
        raise Refusal("media.bad_hash")
    try:
        picture = open_written(outer, SEALED, actor.id, sha256, data[len(head) + 1 :])
    except Refusal as refusal:
        if refusal.code == "sealed.of_another":
            raise Refusal("media.of_another") from refusal
        gone = refusal.code == "sealed.key_gone"
        raise Refusal("media.key_gone" if gone else "media.bad_hash") from refusal
    if hashlib.sha256(picture).hexdigest() != sha256:
        raise Refusal("media.bad_hash")
    return picture


def _store(actor: Actor, sha256: str, data: bytes, *, at: datetime) -> None:
    picture = _reencode(data)
    path = photo_path(sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=82)
    # A file of its own for each call: two requests with one photo may be here at once.
    scratch = path.with_suffix(f".{uuid7().hex}.part")
    try:
        with scratch.open("xb") as file:
            file.write(content.getvalue())
            file.flush()
            os.fsync(file.fileno())
        scratch.rename(path)
    finally:
        scratch.unlink(missing_ok=True)
    Photo.objects.get_or_create(
        sha256=sha256,
        defaults={
            "uploader": User.objects.filter(id=actor.id).first(),
            "received_at": at,
            "width": picture.width,
            "height": picture.height,
            "stored_bytes": len(content.getvalue()),
        },
    )


def scans_of(data: bytes, most: int) -> int:
    """How many scans a JPEG has, counted up to one more than `most`. Each goes over all pixels
    anew, and a few bytes make one: a small file can keep a processor busy for an hour."""
    at, scans = 2, 0
    if not data.startswith(b"\xff\xd8"):
        return 0
    while scans <= most and (found := MARKER.search(data, at)):
        kind, at = data[found.end() - 1], found.end()
        if kind == END_OF_IMAGE:
            break
        if kind == SCAN:
            scans += 1
        at += int.from_bytes(data[at : at + 2], "big")
    return scans


def _reencode(data: bytes) -> Image.Image:
    """The pixels alone, turned upright, at most the catalogue's size."""
    limit = read("media.toml")["limits"]
    if scans_of(data, limit["scans"]) > limit["scans"]:
        raise Refusal("media.not_image")
    try:
        with Image.open(io.BytesIO(data), formats=NAMED_FORMATS) as picture:
            if picture.width * picture.height > limit["pixels"]:
                raise Refusal("media.too_large")
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except Image.DecompressionBombError as error:
        raise Refusal("media.too_large", bytes=limit["bytes"]) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise Refusal("media.not_image") from error
    upright.thumbnail((limit["side"], limit["side"]))
    canvas = Image.new("RGB", upright.size)
    canvas.paste(upright)
    return canvas
