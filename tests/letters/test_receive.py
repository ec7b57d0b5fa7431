"""Kept first, judged second, answered last: exactly once, nothing lost, a person for the rest."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lianhu.accounts.models import Grant
from lianhu.audit.queries import versions
from lianhu.kernel.catalogue import ROOT
from lianhu.kernel.ids import uuid7
from lianhu.letters import handlers
from lianhu.letters.models import Letter
from lianhu.letters.queries.waiting import list_waiting
from lianhu.matters.actions.steps import close_matter, verify_answer
from lianhu.matters.models import Attachment, Matter, Step
from lianhu.territory.models import RowClass
from lianhu.visits.models import Visit
from tests import cast
from tests.letters.helpers import REPORT, incoming, outcomes, send, sha, text_of
from tests.matters.helpers import answered, closed

CONTRACTS = ROOT.parent / "contracts"
KINDS = (
    "matter.report-1",
    "matter.add-1",
    "matter.rate-1",
    "visit.record-1",
    "person.propose-1",
)
EXAMPLES = [
    (kind, e["name"], e["letter"], e["expect"])
    for kind in KINDS
    for e in json.loads((CONTRACTS / "letters" / f"{kind}.examples.json").read_text("utf-8"))
]
HASHES = json.loads((CONTRACTS / "hash.json").read_text("utf-8"))


@pytest.fixture
def phone(warden, household):
    return cast.make_device(warden)[0]


@pytest.mark.parametrize("number", range(len(HASHES)))
def test_the_hash_is_taken_over_the_utf8_bytes(number):
    assert sha(HASHES[number]["text"]) == HASHES[number]["sha256"]
    assert len(HASHES[number]["text"].encode()) == HASHES[number]["bytes"]


@pytest.mark.parametrize(("kind", "name", "letter", "expect"), EXAMPLES)
def test_the_contracts_examples_are_judged_as_agreed(phone, kind, name, letter, expect):
    (answer,) = send(phone, incoming(json.dumps(letter, ensure_ascii=False)))
    if expect == "quarantined":
        assert answer.outcome == "quarantined"
    else:  # the schema takes it; whether the matter exists is another question
        alone = kind == KINDS[4] and "person_id" not in letter["body"]
        there = kind in (KINDS[0], KINDS[3]) or alone
        assert answer.outcome == ("stored" if there else "held")
    kept = Letter.objects.get()
    assert json.loads(kept.text) == letter
    assert kept.outcome == answer.outcome


def test_a_report_becomes_one_matter_with_a_code_to_follow(phone, warden):
    before = versions([cast.EAST_GRID])[cast.EAST_GRID]
    letter = incoming(media=("a" * 64,))
    (answer,) = send(phone, letter)
    matter = Matter.objects.get()
    assert (answer.id, answer.sha256, answer.outcome) == (letter.id, letter.sha256, "stored")
    assert answer.ref == matter.ref
    assert (matter.id, matter.source, matter.reporter_id) == (letter.id, "phone", warden.id)
    assert Attachment.objects.get().sha256 == "a" * 64
    assert versions([cast.EAST_GRID])[cast.EAST_GRID] == before + 1


@pytest.mark.parametrize("kind", KINDS[:4:3])
def test_a_letter_without_photo_and_place_is_stored(phone, kind):
    """norms.md: a photo, a video, a point on the map may always be left out."""
    bare = next(
        e["letter"]
        for e in json.loads(
            (CONTRACTS / "letters" / f"{kind}.examples.json").read_text("utf-8")
        )
        if e["expect"] == "stored" and "need" not in e["letter"]["body"]
    )
    body = {k: v for k, v in bare["body"].items() if k not in {"point", "spot"}}
    assert outcomes(send(phone, incoming(json.dumps(bare | {"body": body})))) == ["stored"]
    assert not Attachment.objects.exists()
    assert not Matter.objects.exclude(lon=None, spot="").exists()


def test_the_same_letter_again_gets_the_first_answer_and_does_nothing(phone):
    letter = incoming()
    first = send(phone, letter)
    again = send(phone, letter, letter)
    assert again == [first[0], first[0]]
    assert (Letter.objects.count(), Matter.objects.count(), Step.objects.count()) == (1, 1, 1)


def test_the_same_letter_twice_in_one_batch_counts_once(phone):
    letter = incoming()
    answers = send(phone, letter, letter)
    assert answers[0] == answers[1]
    assert answers[0].outcome == "stored"
    assert Matter.objects.count() == 1


@pytest.mark.parametrize("batches", [1, 2])
def test_the_same_id_with_another_hash_is_kept_apart(phone, batches, officer_county):
    one = incoming()
    other = incoming(text_of(**(REPORT | {"words": "另一件事"})), one.id)
    answers = (
        send(phone, one, other) if batches == 1 else [*send(phone, one), *send(phone, other)]
    )
    assert outcomes(answers) == ["stored", "quarantined letter.id_taken"]
    assert (answers[0].sha256, answers[1].sha256) == (one.sha256, other.sha256)
    copy = Letter.objects.get(copy_of=one.id)
    assert list(list_waiting(officer_county)) == [copy]
    assert copy.text == other.text
    assert Matter.objects.get().words == REPORT["words"]
    assert outcomes(send(phone, other, one)) == ["quarantined letter.id_taken", "stored"]
    assert Letter.objects.exclude(copy_of=None).count() == 1


def test_somebody_elses_letter_id_reveals_nothing(phone, warden_west):
    letter = incoming()
    send(phone, letter)
    other = cast.make_device(warden_west)[0]
    (answer,) = send(other, letter)
    assert (answer.outcome, answer.code, answer.ref) == ("quarantined", "letter.id_taken", "")
    assert Letter.objects.get(copy_of=letter.id).user_id == warden_west.id


def test_an_id_that_is_already_a_matter_or_a_visit_is_quarantined(phone, warden, household):
    matter = cast.make_matter(warden)
    before = Matter.objects.values().get(id=matter.id)
    send(phone, incoming(letter_id=matter.id))
    assert Matter.objects.values().get(id=matter.id) == before
    assert Step.objects.filter(matter=matter).count() == 1


def test_a_hash_that_does_not_fit_is_tried_again_and_not_kept(phone):
    (answer,) = send(phone, incoming(sha256="0" * 64))
    assert outcomes([answer]) == ["retry letter.bad_hash"]
    assert Letter.objects.count() == 0


DEEP = '{"a":' * 20_000 + "1" + "}" * 20_000
BAD = {
    "no json": ("垃圾", "letter.unreadable"),
    "half": (text_of()[:-5], "letter.unreadable"),
    "a list": ("[]", "letter.unreadable"),
    "a number": ("12", "letter.unreadable"),
    "null": ("null", "letter.unreadable"),
    "one space": (" ", "letter.unreadable"),
    "deep": (DEEP, "letter.unreadable"),
    "nan": ('{"kind": NaN}', "letter.unreadable"),
    "infinity": ('{"kind": "matter.report/1", "device_seq": -Infinity}', "letter.unreadable"),
    "huge int": ('{"kind": "matter.report/1", "device_seq": 1' + "0" * 5000 + "}", "letter.unreadable"),
    "big int": (
        text_of().replace('"device_seq": 1', '"device_seq": 99999999999999999999'),
        "letter.bad_body",
    ),
    "huge float": (text_of().replace('"device_seq": 1', '"device_seq": 1e999'), "letter.bad_body"),
    "unknown kind": (text_of("village.burn/1"), "letter.unknown_kind"),
    "newer kind": (text_of("matter.report/2"), "letter.unknown_kind"),
    "kind a list": ('{"kind": ["matter.report/1"]}', "letter.unknown_kind"),
    "kind an object": ('{"kind": {"a": 1}}', "letter.unknown_kind"),
    "no kind": ("{}", "letter.unknown_kind"),
    "nul": (text_of(**(REPORT | {"words": "a\x00b"})), "letter.bad_body"),
    "surrogate": (text_of().replace("桥头", "\\ud800"), "letter.bad_body"),
    "unknown category": (text_of(**(REPORT | {"category": "weather"})), "matter.unknown_category"),
    "unknown duty": (
        text_of("visit.record/1", household_id=str(cast.EXAMPLE_HOUSEHOLD), on="2026-11-23",
                duties=["\ud800"]).replace("\ud800", "\\ud800"), "visit.unknown_duty"),
    "no such day": (
        text_of("visit.record/1", household_id=str(cast.EXAMPLE_HOUSEHOLD), on="2026-02-30",
                duties=[]), "letter.bad_body"),
    "year 0": (
        text_of("visit.record/1", household_id=str(cast.EXAMPLE_HOUSEHOLD), on="0000-01-01",
                duties=[]), "letter.bad_body"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_poisoned_letter_is_kept_and_delays_no_other(phone, name, officer_county):
    text, code = BAD[name]
    good, bad, last = incoming(), incoming(text), incoming()
    assert outcomes(send(phone, good, bad, last)) == ["stored", f"quarantined {code}", "stored"]
    assert Letter.objects.get(id=bad.id).text == text
    assert bad.id in {letter.id for letter in list_waiting(officer_county)}


@pytest.mark.parametrize(
    "moment",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-13-45T99:99:99Z",
     "2026-11-23T09:41:00.123456789+08:00", "2026-02-30T00:00:00Z"],
)  # fmt: skip
def test_a_devices_clock_is_evidence_and_never_a_reason_to_reject(phone, moment):
    text = text_of().replace("2026-11-23T09:41:00+08:00", moment)
    assert outcomes(send(phone, incoming(text))) == ["stored"]


@pytest.mark.parametrize(
    ("place", "body", "code"),
    [
        (cast.WEST_GRID, REPORT, "place.not_found"),
        (cast.EAST, REPORT, "place.not_found"),
        ("61092110420003999", REPORT, "place.not_found"),
        ("999999", REPORT, "place.not_found"),
        (cast.EAST_GRID, REPORT | {"household_id": str(uuid4())}, "household.not_found"),
    ],
)
def test_what_lies_outside_the_scope_is_held_for_a_person(
    phone, place, body, code, data_officer
):
    (answer,) = send(phone, incoming(text_of(place=place, **body)))
    assert outcomes([answer]) == [f"held {code}"]
    assert Matter.objects.count() == 0
    assert [letter.id for letter in list_waiting(data_officer)] == [answer.id]


def test_a_letter_from_a_post_since_lost_is_held_where_the_post_was(
    phone, warden, secretary_east
):
    Grant.objects.filter(user_id=warden.id).update(ends_on=cast.TODAY - timedelta(days=1))
    (answer,) = send(phone, incoming())
    assert outcomes([answer]) == ["held place.not_found"]
    assert [letter.id for letter in list_waiting(secretary_east)] == [answer.id]


@pytest.mark.parametrize("text", [text_of(**(REPORT | {"visibility": "about_official"})), "?"])
def test_a_confidential_letter_from_a_post_since_lost_reaches_the_county(
    phone, warden, text, officer_county, secretary_east
):
    Grant.objects.filter(user_id=warden.id).update(ends_on=cast.TODAY - timedelta(days=1))
    (answer,) = send(phone, incoming(text))
    assert answer.outcome in {"held", "quarantined"}
    assert [letter.id for letter in list_waiting(officer_county)] == [answer.id]
    assert list(list_waiting(secretary_east)) == []


def _need(**fields):
    visit = {"household_id": str(uuid4()), "on": "2026-11-23", "duties": []}
    return text_of("visit.record/1", **visit, need=REPORT | fields)


def _west(**fields):
    return text_of(place=cast.WEST_GRID, **(REPORT | fields))


CONFIDENTIAL = {
    "asked about_official": _west(visibility="about_official"),
    "asked sensitive": _west(visibility="sensitive"),
    "an official's kind": _west(category="official.money"),
    "a sensitive kind": _west(category="dispute.family"),
    "a need about an official": _need(category="official"),
    "a need that is sensitive": _need(category="dispute.family"),
    "a need asked so": _need(visibility="sensitive"),
    "unreadable": "{",
}  # fmt: skip


@pytest.mark.parametrize("name", CONFIDENTIAL)
def test_a_confidential_letter_waits_at_the_county_only(
    request,
    phone,
    name,
    secretary_east,
    secretary_west,
    officer_town,
    data_officer,
    officer_county,
):
    (answer,) = send(phone, incoming(CONFIDENTIAL[name]))
    assert answer.outcome in {"held", "quarantined"}
    for actor in (secretary_east, secretary_west, officer_town, data_officer):
        assert list(list_waiting(actor)) == []
    assert [letter.id for letter in list_waiting(officer_county)] == [answer.id]


@pytest.mark.parametrize(
    ("fields", "seen"),
    [
        ({}, True),
        ({"category": "official.conduct"}, False),
        ({"visibility": "sensitive"}, False),
    ],
)
@pytest.mark.parametrize("kind", ["matter.add/1", "matter.rate/1"])
def test_words_added_to_a_confidential_matter_wait_at_the_county_too(
    phone, warden, secretary_east, officer_county, kind, fields, seen
):
    matter = cast.make_matter(warden, **fields)
    body = {"matter_id": str(matter.id), "words": "又卖了一车"}
    if kind == "matter.add/1":
        Matter.objects.filter(id=matter.id).update(stage="closed", is_open=False)
    else:
        body = {"ref": matter.ref, "score": 1, "words": "又卖了一车"}  # not answered yet
    (answer,) = send(phone, incoming(text_of(kind, **body)))
    assert answer.outcome == "held"
    assert list_waiting(secretary_east).exists() is seen
    assert list_waiting(officer_county).exists()


def test_a_crash_of_ours_quarantines_the_letter_and_delays_no_other(phone, monkeypatch, caplog):
    def crash(*args):
        Matter.objects.update(words="half done")
        raise ZeroDivisionError("刘武林 138")

    first = incoming()
    send(phone, first)
    monkeypatch.setitem(handlers.HANDLERS, "visit.record/1", crash)
    visit = incoming(
        text_of(
            "visit.record/1",
            household_id=str(cast.EXAMPLE_HOUSEHOLD),
            on="2026-11-23",
            duties=[],
        )
    )
    last = incoming()
    assert outcomes(send(phone, visit, last)) == ["quarantined letter.crashed", "stored"]
    assert "half done" not in set(Matter.objects.values_list("words", flat=True))
    assert Letter.objects.get(id=visit.id).text == visit.text


def test_a_visit_with_a_need_is_one_visit_and_one_matter(phone, warden):
    letter = incoming(
        text_of("visit.record/1", household_id=str(cast.EXAMPLE_HOUSEHOLD), on="2026-11-22",
                duties=["policy"], words="药够", need=REPORT)
    )  # fmt: skip
    (answer,) = send(phone, letter)
    assert send(phone, letter) == [answer]
    visit, matter = Visit.objects.get(), Matter.objects.get()
    assert (visit.id, visit.matter_id, visit.on.isoformat()) == (
        letter.id,
        matter.id,
        "2026-11-22",
    )
    assert answer.ref == matter.ref


def test_add_and_rate_by_letter(phone, warden, secretary_east, officer_town):
    matter = cast.make_matter(warden)
    add = incoming(text_of("matter.add/1", matter_id=str(matter.id), words="东头"))
    rate = incoming(text_of("matter.rate/1", ref=matter.ref, score=5))
    assert outcomes(send(phone, add)) == ["stored"]
    assert outcomes(send(phone, rate)) == ["held matter.cannot_rate"]
    answered(secretary_east, matter)
    verify_answer(officer_town, matter.id, "", done=True, at=cast.NOON)
    close_matter(officer_town, matter.id, at=cast.NOON)
    again = incoming(text_of("matter.rate/1", ref=matter.ref, score=5))
    assert outcomes(send(phone, again, again)) == ["stored", "stored"]
    assert Step.objects.filter(matter=matter, verb="add").get().id == add.id
    assert Matter.objects.get().score == 5


def test_add_and_rate_refuse_the_next_village(phone, warden_west, secretary_west, officer_town):
    west = cast.make_matter(warden_west, place=cast.WEST_GRID)
    county = cast.make_actor("县", ("county", cast.COUNTY))
    closed(secretary_west, county, west)
    letters = [
        incoming(text_of("matter.add/1", matter_id=str(west.id), words="看")),
        incoming(text_of("matter.rate/1", ref=west.ref, score=1)),
    ]
    assert outcomes(send(phone, *letters)) == ["held matter.not_found"] * 2
    assert Matter.objects.get(id=west.id).score is None


def test_twenty_letters_of_one_batch_cost_a_bounded_number_of_queries(
    phone, django_assert_max_num_queries
):
    letters = [incoming(letter_id=uuid7()) for _ in range(20)]
    with django_assert_max_num_queries(20 * 6 + 12):
        assert outcomes(send(phone, *letters)) == ["stored"] * 20


def test_row_class_of_a_plain_letter_is_ordinary(phone):
    send(phone, incoming())
    assert Letter.objects.get().row_class == RowClass.ORDINARY


def test_a_letter_about_somebody_elses_matter_takes_as_long_as_one_about_none(
    phone, secretary_west
):
    theirs = cast.make_matter(secretary_west, place=cast.WEST_GRID)
    counts, answers = [], []
    for matter_id in (str(theirs.id), str(uuid7())):
        text = text_of("matter.add/1", matter_id=matter_id, words="还堆着")
        with CaptureQueriesContext(connection) as counted:
            answers += outcomes(send(phone, incoming(text)))
        counts.append(len(counted))
    assert answers[0] == answers[1]
    assert counts[0] == counts[1]
