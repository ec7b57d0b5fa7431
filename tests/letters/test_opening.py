"""A sealed letter is the letter in it, once, and nobody's but its writer's."""

import pytest

from lianhu.kernel.errors import Refusal
from lianhu.letters.actions.opening import open_half
from lianhu.letters.actions.rescue import import_rescue
from lianhu.letters.models import Letter
from lianhu.matters.models import Matter
from tests import cast
from tests.letters.helpers import REPORT, incoming, outcomes, send, text_of
from tests.letters.rescue_file import envelope, file_of, half


def test_a_sealed_letter_is_judged_as_the_letter_in_it(warden):
    device, _ = cast.make_device(warden)
    letter = incoming()
    sealed = envelope(letter, warden.id)
    (answer,) = send(device, sealed)
    assert (str(answer.outcome), answer.sha256) == ("stored", sealed.sha256)
    assert answer.ref == Matter.objects.get().ref
    assert Matter.objects.get().words == REPORT["words"]
    assert Letter.objects.get().says(letter.text), "what is kept needs no key of a phone's day"


def test_sealed_anew_or_open_it_is_the_same_letter(warden):
    device, _ = cast.make_device(warden)
    letter = incoming()
    answers = [
        send(device, form)[0]
        for form in (letter, envelope(letter, warden.id), envelope(letter, warden.id), letter)
    ]
    assert {(str(a.outcome), a.ref) for a in answers} == {("stored", answers[0].ref)}
    assert len({a.sha256 for a in answers}) == 3
    assert (Letter.objects.count(), Matter.objects.count()) == (1, 1)
    other = envelope(incoming(text_of(words="别的事"), letter.id), warden.id)
    assert outcomes(send(device, other)) == ["quarantined letter.id_taken"]


def test_open_text_refuses_the_next_village(warden, secretary_west):
    """Somebody else's phone cannot have it opened, whatever stands outside the seal."""
    device, _ = cast.make_device(secretary_west)
    letter = incoming()
    found = send(device, envelope(letter, warden.id))
    assert outcomes(found) == ["retry letter.of_another"]
    assert Letter.objects.count() == 0
    renamed = envelope(letter, warden.id, writer=str(secretary_west.id))
    assert outcomes(send(device, renamed)) == ["quarantined letter.unknown_kind"]
    assert REPORT["words"] not in Letter.objects.get().text


def test_it_cannot_be_moved_to_another_id(warden):
    device, _ = cast.make_device(warden)
    sealed = envelope(incoming(), warden.id)
    assert outcomes(send(device, incoming(sealed.text))) == ["quarantined letter.unknown_kind"]


@pytest.mark.parametrize(
    "spoilt",
    [{"data": "AAAA"}, {"nonce": 1}, {"sender": "?"}, {"version": True}, {"version": None}],
)
def test_a_broken_envelope_is_kept_for_a_person(warden, spoilt):
    device, _ = cast.make_device(warden)
    sealed = envelope(incoming(), warden.id, **spoilt)
    assert outcomes(send(device, sealed)) == ["quarantined letter.unknown_kind"]
    assert Letter.objects.get().says(sealed.text)


def test_a_letter_to_a_key_that_is_gone_stays_on_the_phone_and_delays_no_other(warden):
    device, _ = cast.make_device(warden)
    gone = envelope(incoming(), warden.id, version=9)
    good = envelope(incoming(), warden.id)
    assert outcomes(send(device, gone, good)) == ["retry letter.key_gone", "stored"]
    assert Letter.objects.count() == 1


def test_a_hash_that_does_not_fit_opens_nothing(warden):
    device, _ = cast.make_device(warden)
    sealed = envelope(incoming(), warden.id)
    wrong = incoming(sealed.text, sealed.id, sha256="0" * 64)
    assert outcomes(send(device, wrong)) == ["retry letter.bad_hash"]


def test_a_file_carries_sealed_letters_of_its_person_only(
    secretary_east, warden, secretary_west
):
    _, credential = cast.make_device(warden)
    letters = [
        envelope(incoming(), warden.id),
        envelope(incoming(), secretary_west.id),
    ]
    found = import_rescue(secretary_east, file_of(credential, letters), at=cast.NOON)
    assert outcomes(found.answers) == ["stored", "retry letter.of_another"]
    assert Matter.objects.get().reporter_id == warden.id


def test_open_half_gives_a_phone_back_what_its_person_sealed(warden):
    assert open_half(warden, "p-1", half(warden.id, "p-1", "字")) == "字"


def test_open_half_refuses_the_next_village(warden, secretary_west):
    there = half(warden.id, "p-1")
    assert refused(secretary_west, there) == "sealed.of_another"
    renamed = half(warden.id, "p-1", writer=str(secretary_west.id))
    assert refused(secretary_west, renamed) == "sealed.unreadable"


def test_open_half_opens_nothing_else(warden):
    letter = envelope(incoming(), warden.id)
    relabelled = letter.text.replace("lianhu-letter/1", "lianhu-pair/1")
    for text in (letter.text, relabelled, half(warden.id, "p-2"), "{}", "", "[" * 2000):
        assert refused(warden, text) == "sealed.unreadable"


def test_open_half_says_when_the_key_is_gone(warden):
    assert refused(warden, half(warden.id, "p-1", version=9)) == "sealed.key_gone"


def refused(actor, text):
    with pytest.raises(Refusal) as found:
        open_half(actor, "p-1", text)
    return found.value.code
