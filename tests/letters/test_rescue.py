"""A phone's unsent letters from a file: under its device, exactly once, by nobody else."""

import io

import pytest
from PIL import Image

from lianhu.accounts.actions.devices import revoke_device
from lianhu.accounts.models import Device, SpentCredential
from lianhu.accounts.queries.actors import digest
from lianhu.audit.models import Entry
from lianhu.kernel.errors import Refusal
from lianhu.letters.actions.rescue import import_rescue
from lianhu.letters.models import Letter
from lianhu.matters.models import Matter
from lianhu.media.models import Photo
from tests import cast
from tests.letters.helpers import incoming, send, text_of
from tests.letters.rescue_file import file_of


def jpeg():
    content = io.BytesIO()
    Image.new("RGB", (60, 40), (90, 120, 80)).save(content, "JPEG")
    return content.getvalue()


def outcomes(found):
    return [f"{a.outcome} {a.code}".strip() for a in found.answers]


def test_import_rescue_judges_as_the_phone_would_and_once(secretary_east, warden, media_folder):
    device, credential = cast.make_device(warden)
    letters = [
        incoming(),
        incoming(text_of(place=cast.WEST_GRID, category="environment", words="外村的河堤",
                         visibility="ordinary")),
        incoming("{"),
    ]  # fmt: skip
    raw = file_of(credential, letters, [jpeg(), b"no photo"])
    for _ in range(2):
        found = import_rescue(secretary_east, raw, at=cast.NOON)
        assert outcomes(found) == [
            "stored", "held place.not_found", "quarantined letter.unreadable"
        ]  # fmt: skip
        assert (found.photos, found.photos_refused) == (1, 1)
    assert (Letter.objects.count(), Matter.objects.count(), Photo.objects.count()) == (3, 1, 1)
    assert {letter.device_id for letter in Letter.objects.all()} == {device.id}
    assert Matter.objects.get().reporter_id == warden.id
    assert [e.verb for e in Entry.objects.filter(verb="device.rescue")] == ["device.rescue"] * 2
    assert [a.outcome for a in send(device, *letters)] == ["stored", "held", "quarantined"]


def test_import_rescue_takes_more_than_one_batch(secretary_east, warden):
    _, credential = cast.make_device(warden)
    found = import_rescue(
        secretary_east, file_of(credential, [incoming() for _ in range(41)]), at=cast.NOON
    )
    assert found.counts == {"stored": 41}


def test_a_revoked_phone_may_still_hand_in_what_it_wrote(secretary_east, warden):
    device, credential = cast.make_device(warden)
    revoke_device(secretary_east, device.id, at=cast.NOON)
    found = import_rescue(secretary_east, file_of(credential, [incoming()]), at=cast.NOON)
    assert outcomes(found) == ["stored"]


def test_a_file_that_names_a_credential_of_before_or_to_come_is_the_phones_all_the_same(
    secretary_east, secretary_west, warden
):
    device, old = cast.make_device(warden)
    SpentCredential.objects.create(credential=digest(old), device=device, spent_at=cast.NOON)
    Device.objects.filter(id=device.id).update(
        credential=digest("present"), next_credential=digest("next")
    )
    for credential in (old, "present", "next"):
        raw = file_of(credential, [incoming()])
        with pytest.raises(Refusal, match=r"rescue\.foreign"):
            import_rescue(secretary_west, raw, at=cast.NOON)
        found = import_rescue(secretary_east, raw, at=cast.NOON)
        assert (outcomes(found), found.device.id) == (["stored"], device.id)
    assert Device.objects.get().revoked_at is None, "a file is no call of the phone"


def test_import_rescue_refuses_the_next_village(
    secretary_west, secretary_east, warden, data_officer
):
    _, credential = cast.make_device(warden)
    raw = file_of(credential, [incoming()])
    for actor, file in (
        (secretary_west, raw),
        (warden, raw),
        (secretary_east, file_of("guessed", [incoming()])),
    ):
        with pytest.raises(Refusal, match=r"rescue\.foreign"):
            import_rescue(actor, file, at=cast.NOON)
    assert Letter.objects.count() == 0
    assert outcomes(import_rescue(data_officer, raw, at=cast.NOON)) == ["stored"]


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"{}", b"\xff", b'{"format": "lianhu-rescue/1"}',
     b'{"format": "lianhu-rescue/1", "version": 1, "sender": "", "nonce": "", "data": ""}'],
)  # fmt: skip
def test_a_file_that_is_none_is_refused(secretary_east, raw):
    with pytest.raises(Refusal, match=r"rescue\.unreadable"):
        import_rescue(secretary_east, raw, at=cast.NOON)


@pytest.mark.parametrize(
    "spoilt", [{"sender": "AAAA"}, {"nonce": "AAAAAAAAAAAAAAAA"}, {"data": "AAAA"}]
)
def test_a_spoilt_file_is_refused_whole(secretary_east, warden, spoilt):
    _, credential = cast.make_device(warden)
    with pytest.raises(Refusal, match=r"rescue\.unreadable"):
        import_rescue(secretary_east, file_of(credential, [incoming()], **spoilt), at=cast.NOON)
    assert Letter.objects.count() == 0


def test_a_file_to_a_key_that_is_gone_says_so(secretary_east, warden):
    _, credential = cast.make_device(warden)
    with pytest.raises(Refusal, match=r"rescue\.key_gone"):
        import_rescue(
            secretary_east, file_of(credential, [incoming()], version=9), at=cast.NOON
        )
    assert Letter.objects.count() == 0
