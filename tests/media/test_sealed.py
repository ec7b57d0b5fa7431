"""A photo that its phone sealed to the county: opened on arrival, for whoever took it only."""

import hashlib

import pytest
from PIL import Image

from lianhu.letters.actions.rescue import import_rescue
from lianhu.media.actions import receive_part
from lianhu.media.models import Photo
from lianhu.media.queries import photo_path, received
from tests import cast
from tests.letters.rescue_file import file_of, picture
from tests.matters.helpers import code_of
from tests.media.test_media import jpeg, sha

AT = {"at": cast.NOON}


@pytest.fixture(autouse=True)
def folder(media_folder):
    return media_folder


def put(actor, name, data, *, start=0, at=cast.NOON):
    """All parts from a byte on, under a name; the last answer."""
    answer = None
    for first in range(start, len(data), 50_000):
        part = data[first : first + 50_000]
        answer = receive_part(actor, name, first, len(data), part, at=at)
    return answer


def code_of_put(actor, name, data, **more):
    return code_of(put, actor, name, data, **more)


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_sealed_photo_is_the_photo_in_it_whatever_the_parts(warden):
    data = jpeg(quality=98)
    sealed = picture(data, warden.id)
    assert receive_part(warden, sha(data), 0, len(sealed), sealed[:1000], **AT) == 1000
    assert received(sha(data), warden.id) == (1000, False)
    assert put(warden, sha(data), sealed, start=1000) is None
    assert received(sha(data), warden.id) == (0, True)
    assert (Photo.objects.get().sha256, Photo.objects.get().width) == (sha(data), 640)
    with Image.open(photo_path(sha(data))) as kept:
        assert (kept.format, kept.size) == ("JPEG", (640, 480))


def test_open_or_sealed_anew_it_is_the_same_photo_once(warden):
    data = jpeg()
    for form in (picture(data, warden.id), data, picture(data, warden.id)):
        assert put(warden, sha(data), form) is None
    assert Photo.objects.count() == 1


def test_begun_open_and_continued_sealed_it_starts_again_and_arrives(warden):
    """The app was renewed in mid-photo: what is there is of the open one."""
    data = jpeg(quality=98)
    sealed = picture(data, warden.id)
    receive_part(warden, sha(data), 0, len(data), data[:1000], **AT)
    assert code_of_put(warden, sha(data), sealed, start=1000) == "media.bad_hash"
    assert received(sha(data), warden.id) == (0, False)
    assert put(warden, sha(data), sealed) is None


def test_receive_part_refuses_the_next_village(warden, secretary_west, folder):
    """Whoever found a phone cannot have its photo opened, whatever stands outside the seal."""
    data = jpeg()
    sealed = picture(data, warden.id)
    assert code_of_put(secretary_west, sha(data), sealed) == "media.of_another"
    renamed = picture(data, warden.id, writer=str(secretary_west.id))
    assert code_of_put(secretary_west, sha(data), renamed) == "media.bad_hash"
    assert (Photo.objects.count(), files(folder)) == (0, [])
    assert put(warden, sha(data), sealed) is None


def test_a_photo_to_a_key_that_is_gone_is_refused_by_that_name(warden, folder):
    data = jpeg()
    gone = picture(data, warden.id, version=9)
    assert code_of_put(warden, sha(data), gone) == "media.key_gone"
    assert files(folder) == []


def test_it_cannot_be_moved_to_another_name(warden):
    data, other = jpeg(), jpeg(seed=2)
    moved = picture(data, warden.id)
    assert code_of_put(warden, sha(other), moved) == "media.bad_hash"
    lying = picture(data, warden.id, name=sha(other))
    assert code_of_put(warden, sha(other), lying) == "media.bad_hash", "its sum is another"
    assert Photo.objects.count() == 0


GARBAGE = {
    "no line": lambda good: good.replace(b"\n", b" ", 1),
    "a line alone": lambda good: good.partition(b"\n")[0] + b"\n",
    "cut short": lambda good: good[:-20],
    "one byte changed": lambda good: good[:-1] + bytes([good[-1] ^ 1]),
    "no sender": lambda good: good.replace(b'"sender"', b'"nobody"', 1),
    "a sender that is no key": lambda good: good.replace(b'"sender": "M', b'"sender": "?', 1),
    "no JSON": lambda good: good.replace(b"{", b"{{", 1),
    "a version in words": lambda good: good.replace(b'"version": 1', b'"version": "1"', 1),
    "deep": lambda good: b'["lianhu-photo/1"' + b"[" * 1900 + b"\n" + good,
    "a list": lambda good: b'["lianhu-photo/1"]\n' + good,
    "a line without end": lambda good: b" " * 5000 + good,
    "not UTF-8": lambda good: b"\xff" + good,
}


@pytest.mark.parametrize("name", GARBAGE)
def test_a_broken_envelope_is_refused_and_the_photo_may_come_again(warden, folder, name):
    data = jpeg()
    spoilt = GARBAGE[name](picture(data, warden.id))
    assert code_of_put(warden, sha(data), spoilt) == "media.bad_hash"
    assert files(folder) == []
    assert put(warden, sha(data), picture(data, warden.id)) is None


def test_what_is_no_photo_is_none_in_an_envelope_either(warden, folder):
    data = b"<html><script>alert(1)</script>"
    assert code_of_put(warden, sha(data), picture(data, warden.id)) == "media.not_image"
    assert (Photo.objects.count(), files(folder)) == (0, [])


def test_an_envelope_beyond_the_bound_is_refused_before_it_is_kept(warden, folder):
    name = hashlib.sha256(b"x").hexdigest()
    code = code_of(receive_part, warden, name, 0, 12_000_001, b"x" * 10)
    assert (code, files(folder)) == ("media.too_large", [])


def test_a_file_carries_sealed_photos_of_its_person_only(
    secretary_east, warden, secretary_west
):
    _, credential = cast.make_device(warden)
    own, other = jpeg(), jpeg(seed=2)
    named = [
        (sha(own), picture(own, warden.id)),
        (sha(other), picture(other, secretary_west.id)),
    ]
    found = import_rescue(secretary_east, file_of(credential, named=named), at=cast.NOON)
    assert (found.photos, found.photos_refused) == (1, 1)
    assert Photo.objects.get().sha256 == sha(own)
