"""Report, add, rate: where it goes, whose clock, what the ledger and the phones hear."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from lianhu.accounts.queries.actors import public_actor
from lianhu.audit.models import Entry
from lianhu.audit.queries import versions
from lianhu.kernel.actor import Actor
from lianhu.matters.actions.report import add_to_matter, rate_matter
from lianhu.matters.actions.steps import (
    accept_matter,
    answer_matter,
    ask_for_more,
    close_matter,
    verify_answer,
)
from lianhu.matters.models import Attachment, Matter, Step
from lianhu.matters.queries.one import find_by_ref, photo_of, public_steps
from tests import cast
from tests.matters.helpers import (
    AT,
    GRIDS,
    accepted,
    answered,
    closed,
    code_of,
    last_entry,
    later,
    raised,
)

PHOTO = "a" * 64


def test_report_matter_starts_the_clock_in_the_right_office(warden):
    matter = Matter.objects.get(id=cast.make_matter(warden).id)
    assert (matter.stage, matter.office, matter.row_class, matter.place_id) == (
        "reported", cast.COMMITTEE, "ordinary", cast.EAST_GRID,
    )  # fmt: skip
    assert (matter.reporter_id, matter.reporter_name) == (warden.id, "陈户长")
    assert matter.due_on == date(2026, 11, 26)
    step = matter.steps.get()
    assert (step.number, step.verb, step.words) == (1, "report", matter.words)


def test_report_matter_writes_one_entry_and_raises_one_grid(warden):
    keys = [*GRIDS, f"user:{warden.id}"]
    before = versions(keys)
    count = Entry.objects.count()
    matter = cast.make_matter(warden)
    assert Entry.objects.count() == count + 1
    assert last_entry() == (
        "matter.report", str(matter.id), cast.EAST_GRID, "ordinary", {"category": "environment"},
    )  # fmt: skip
    assert raised(before, f"user:{warden.id}") == {cast.EAST_GRID: 1, f"user:{warden.id}": 1}


def test_a_matter_of_the_whole_village_raises_all_its_grids(secretary_east):
    before = versions(GRIDS)
    cast.make_matter(secretary_east, place=cast.EAST)
    assert raised(before) == {cast.EAST_GRID: 1, cast.EAST_GRID_2: 1}


def test_report_matter_of_a_household_lies_in_its_grid(member, household):
    matter = cast.make_matter(member, place=cast.EAST_GRID_2, household_id=household.id)
    assert (matter.place_id, matter.household_id) == (cast.EAST_GRID, household.id)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"place": cast.WEST_GRID}, "place.not_found"),
        ({"place": cast.EAST}, "place.not_found"),  # wider than her grid
        ({"place": "61092110420003999"}, "place.not_found"),
        ({"place": "nonsense"}, "place.not_found"),
        ({"place": ""}, "place.not_found"),
        ({"category": "nonsense"}, "matter.unknown_category"),
        ({"words": " \n"}, "matter.no_words"),
        ({"words": "\x00"}, "matter.no_words"),
        ({"words": "长" * 5001}, "matter.words_too_long"),
        ({"household_id": uuid4()}, "household.not_found"),
        ({"photos": ("nonsense",)}, "media.bad_hash"),
        ({"photos": tuple(f"{n:064d}" for n in range(10))}, "matter.too_many_photos"),
    ],
)
def test_report_matter_refuses(warden, fields, code):
    assert code_of(lambda at: cast.make_matter(warden, at, **fields)) == code
    assert (Matter.objects.count(), Step.objects.count()) == (0, 0)


def test_report_matter_refuses_the_next_village(
    warden_west, secretary_neighbour, household, household_west
):
    for actor in (warden_west, secretary_neighbour):
        assert code_of(lambda at, a=actor: cast.make_matter(a, at)) == "place.not_found"
        fields = {"household_id": household.id}
        assert code_of(lambda at, a=actor, f=fields: cast.make_matter(a, at, **f)) == (
            "household.not_found"
        )


def test_report_matter_about_a_household_needs_the_right_to_report(data_officer, household):
    fields = {"household_id": household.id}
    assert code_of(lambda at: cast.make_matter(data_officer, at, **fields)) == (
        "household.not_found"
    )


@pytest.mark.parametrize(
    ("category", "asked", "row_class", "office"),
    [
        ("environment", "ordinary", "ordinary", cast.COMMITTEE),
        ("environment", "sensitive", "sensitive", cast.COMMITTEE),
        ("dispute.family", "ordinary", "sensitive", f"{cast.EAST}:mediation"),
        ("environment", "about_official", "about_official", cast.DISCIPLINE),
        ("official.conduct", "ordinary", "about_official", cast.DISCIPLINE),
        ("official.money", "sensitive", "about_official", cast.DISCIPLINE),
    ],
)
def test_the_stricter_of_kind_and_reporter_decides(warden, category, asked, row_class, office):
    matter = cast.make_matter(warden, category=category, visibility=asked)
    assert (matter.row_class, matter.office) == (row_class, office)
    about = row_class == "about_official"
    assert matter.place_id == (cast.COUNTY if about else cast.EAST_GRID)
    assert matter.subject_place == (cast.EAST_GRID if about else "")


def test_a_confidential_report_raises_no_grid(warden):
    for fields in ({"category": "official.conduct"}, {"category": "dispute.family"}):
        before = versions([*GRIDS, f"user:{warden.id}"])
        cast.make_matter(warden, **fields)
        assert raised(before, f"user:{warden.id}") == {f"user:{warden.id}": 1}


def test_a_resident_without_login_reports_and_follows_by_code(places):
    actor = public_actor(cast.EAST)
    matter = cast.make_matter(
        actor, contact_name="刘武林", contact_phone="13812345678", source="board"
    )
    matter.refresh_from_db()
    assert (matter.reporter_id, matter.reporter_name) == (None, "刘武林")
    assert b"13812345678" not in bytes(matter.reporter_phone_sealed)
    assert matter.reporter_phone == "13812345678"
    spoken = f" {matter.ref[:5].lower()}-{matter.ref[5:]} ".replace("0", "o").replace("1", "l")
    assert find_by_ref(spoken) == matter
    assert code_of(lambda at: find_by_ref("0000000000")) == "matter.not_found"


def test_the_holder_of_a_code_reads_no_name_and_no_note(warden, secretary_east):
    matter = cast.make_matter(warden)
    answered(secretary_east, matter)
    steps = public_steps(find_by_ref(matter.ref))
    assert [(s.verb, s.words) for s in steps] == [
        ("report", ""), ("accept", ""), ("handle", ""), ("answer", "垃圾已清走"),
    ]  # fmt: skip
    assert not any("李东" in str(vars_of(s)) for s in steps)


def vars_of(step):
    return {name: getattr(step, name) for name in step.__slots__}


def test_photos_of_a_matter_are_shown_to_who_may_read_it(
    warden, secretary_east, secretary_west
):
    matter = cast.make_matter(warden, photos=(PHOTO, PHOTO))
    assert Attachment.objects.count() == 1
    assert photo_of(secretary_east, matter.id, PHOTO) == PHOTO
    assert code_of(lambda at: photo_of(secretary_west, matter.id, PHOTO)) == "matter.not_found"
    assert code_of(lambda at: photo_of(secretary_east, matter.id, "b" * 64)) == (
        "matter.not_found"
    )


def test_add_to_matter_appends_and_refuses_the_next_village(warden, member, secretary_west):
    matter = cast.make_matter(warden)
    before = versions(GRIDS)
    add_to_matter(member, matter.id, "今天又多了", **AT)
    assert last_entry()[:3] == ("matter.add", str(matter.id), cast.EAST_GRID)
    assert raised(before) == {cast.EAST_GRID: 1}
    assert code_of(add_to_matter, secretary_west, matter.id, "看看") == "matter.not_found"
    assert code_of(add_to_matter, warden, matter.id, " ") == "matter.no_words"
    add_to_matter(warden, matter.id, "", photos=[PHOTO], **AT)
    assert Step.objects.filter(matter=matter).count() == 3


def test_add_to_matter_refuses_after_the_end(warden, secretary_east, officer_town):
    matter = closed(secretary_east, officer_town, cast.make_matter(warden))
    assert code_of(add_to_matter, warden, matter.id, "还有") == "matter.cannot_add"


@pytest.mark.parametrize(
    ("asked", "added", "due"),
    [
        (0, 0, date(2026, 11, 26)),  # the same day: nothing stood still
        (0, 1, date(2026, 11, 27)),
        (0, 3, date(2026, 12, 1)),  # three working days, and a weekend in between
        (4, 6, date(2026, 11, 26)),  # over a weekend: offices were closed anyway
        (1, 8, date(2026, 12, 3)),
    ],
)
def test_the_clock_stands_still_while_the_reporter_is_asked(
    warden, secretary_east, asked, added, due
):
    matter = accepted(secretary_east, cast.make_matter(warden))
    ask_for_more(secretary_east, matter.id, "在桥的哪一头？", **later(asked))
    assert Matter.objects.get().stage == "waiting"
    add_to_matter(warden, matter.id, "东头", **later(added))
    matter.refresh_from_db()
    assert (matter.stage, matter.due_on, matter.waiting_since) == ("handling", due, None)
    assert last_entry()[0] == "matter.resume"


def test_an_answer_while_waiting_counts_the_days_that_stood_still_too(warden, secretary_east):
    matter = accepted(secretary_east, cast.make_matter(warden))
    ask_for_more(secretary_east, matter.id, "在桥的哪一头？", **AT)
    answer_matter(secretary_east, matter.id, "找到了，已清走", **later(7))
    matter.refresh_from_db()
    assert matter.due_on == date(2026, 12, 3)


def test_midnight_in_shanghai_decides_the_day(warden):
    """23:59 on Monday is still Monday's; 00:00 is Tuesday's, though UTC says Monday."""
    monday = cast.NOON + timedelta(hours=11, minutes=59)
    tuesday = cast.NOON + timedelta(hours=12)
    assert cast.make_matter(warden, monday).due_on == date(2026, 11, 26)
    assert cast.make_matter(warden, tuesday).due_on == date(2026, 11, 27)


def test_rate_matter_once_after_the_answer(warden, secretary_east, officer_town):
    matter = cast.make_matter(warden)
    assert code_of(rate_matter, warden, matter, 5, "") == "matter.cannot_rate"
    answered(secretary_east, matter)
    for score in (0, 6, -1):
        assert code_of(rate_matter, warden, matter, score, "") == "matter.bad_score"
    before = versions(GRIDS)
    rate_matter(warden, matter, 4, "快", **AT)
    assert last_entry() == (
        "matter.rate", str(matter.id), cast.EAST_GRID, "ordinary", {"score": 4},
    )  # fmt: skip
    assert raised(before) == {cast.EAST_GRID: 1}
    assert code_of(rate_matter, warden, matter, 5, "") == "matter.rated_already"
    verify_answer(officer_town, matter.id, "", done=True, **AT)
    close_matter(officer_town, matter.id, **AT)
    assert Matter.objects.get().score == 4


def test_the_accused_cannot_rate(warden, officer_county):
    matter = cast.make_matter(warden, accused_id=officer_county.id)
    assert code_of(rate_matter, officer_county, matter, 1, "") == "matter.not_found"


def test_an_actor_without_grants_can_do_nothing(warden):
    nobody = Actor(id=uuid4(), name="空")
    matter = cast.make_matter(warden)
    assert code_of(lambda at: cast.make_matter(nobody, at)) == "place.not_found"
    assert code_of(add_to_matter, nobody, matter.id, "x") == "matter.not_found"
    assert code_of(accept_matter, nobody, matter.id) == "matter.not_found"
