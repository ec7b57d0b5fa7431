"""What a household reads of itself: whole where it is its own, masked where it is another
adult's, nothing of what was said in confidence."""

from datetime import timedelta
from typing import Any

import pytest

from lianhu.audit.actions import record
from lianhu.grading.actions.care import open_care
from lianhu.kernel.actor import Actor
from lianhu.kernel.errors import NotPermitted
from lianhu.matters.actions.report import reveal_reporter_phone
from lianhu.people.actions import look_up_id_number, reveal_field
from lianhu.people.actions.export import export_register
from lianhu.people.actions.exports import ask_export, take_export
from lianhu.people.models import Household, Person
from lianhu.rights.queries.held import Held, held
from lianhu.rights.queries.looked import who_looked
from lianhu.rights.queries.own import Resident, get_resident
from lianhu.visits.models import Visit
from tests import cast
from tests.rights.conftest import NUMBER


def _resident(home: Household, name: str = "刘武林") -> Resident:
    return get_resident(home.id, Person.objects.get(household=home, name=name).id)


def _held(home: Household, name: str = "刘武林") -> Held:
    return held(_resident(home, name), today=cast.TODAY)


def _field(found: Held, name: str, label: str) -> str:
    person = next(p for p in found.persons if p.name == name)
    return next(f.value for f in person.fields if f.label == label)


def _visit(home: Household, actor: Actor, words: str, matter: Any = None) -> None:
    Visit.objects.create(
        household=home, place_id=home.place_id, visitor_id=actor.id, visitor_name=actor.name,
        on=cast.TODAY, received_at=cast.NOON, duties=["policy"], words=words, matter_id=matter,
    )  # fmt: skip


def test_every_field_says_its_purpose(numbered: Household):
    found = _held(numbered)
    fields = [*found.fields, *(f for p in found.persons for f in p.fields)]
    assert len(fields) == 6 + 3 * 7
    assert all(f.told.purpose and f.told.citation and f.told.kept and f.value for f in fields)


def test_numbers_are_masked_but_ones_own_phone_and_a_childs(numbered: Household):
    found = _held(numbered)
    assert [_field(found, n, "电话") for n in ("刘武林", "张桂花", "刘小军")] == [
        NUMBER, "100****6666", "10077778888",
    ]  # fmt: skip
    assert _field(_held(numbered, "张桂花"), "刘武林", "电话") == "100****2222"
    ids = [_field(found, p.name, "身份证号") for p in found.persons]
    assert all(len(shown) == 8 and shown.startswith("****") for shown in ids)


def test_only_the_own_household_is_read(numbered: Household, household_west: Household):
    text = repr(_held(numbered))
    assert "马有田" not in text
    with pytest.raises(NotPermitted, match=r"rights\.signed_out"):
        get_resident(household_west.id, cast.head_of(numbered).id)


def test_what_was_said_in_confidence_is_hidden_also_from_the_others_at_home(
    numbered: Household, warden: Actor
):
    plain = cast.make_matter(warden, household_id=numbered.id, words="屋后的沟堵了")
    quiet = cast.make_matter(
        warden, household_id=numbered.id, words="他打人", visibility="sensitive"
    )
    _visit(numbered, warden, "家里都好")
    _visit(numbered, warden, "她说他打人", quiet.id)
    _visit(numbered, warden, "沟堵了", plain.id)
    found = _held(numbered)
    assert [m.words for m in found.matters] == ["屋后的沟堵了"]
    assert sorted(v.words for v in found.visits) == ["", "家里都好", "沟堵了"]
    assert "打人" not in repr(found)


def test_care_is_behind_its_wall(
    numbered: Household, secretary_east: Actor, officer_town: Actor
):
    before = repr(_held(numbered))
    open_care(
        secretary_east, numbered.id, officer_town.id, "consent", "她同意", "想儿子", "要人陪",
        "每周去坐坐", at=cast.NOON,
    )  # fmt: skip
    assert repr(_held(numbered)) == before


@pytest.mark.parametrize("members", [1, 3])
def test_held_takes_the_same_queries_however_much_there_is(
    places: Any, warden: Actor, django_assert_num_queries: Any, members: int
):
    home = cast.make_household(members=[{"name": "甲"}] * (members - 1))
    for _ in range(members):
        _visit(home, warden, "好", cast.make_matter(warden, household_id=home.id).id)
    resident = _resident(home)
    with django_assert_num_queries(8):
        held(resident, today=cast.TODAY)


def test_who_looked_tells_field_purpose_post_and_time(
    numbered: Household, secretary_east: Actor, officer_town: Actor, household: Household
):
    head, other = cast.head_of(numbered), cast.head_of(household)
    reveal_field(secretary_east, head.id, "phone", "contact", at=cast.NOON)
    reveal_field(
        officer_town, head.id, "id_number", "service", at=cast.NOON + timedelta(hours=1)
    )
    reveal_field(officer_town, other.id, "id_number", "service", at=cast.NOON)
    assert [(k.by, k.post, k.whose, k.what, k.purpose) for k in who_looked(numbered)] == [
        ("赵镇", "双乳镇干部", "刘武林", "身份证号", "代办事项需要核对"),
        ("李东", "双乳村支书", "刘武林", "电话", "联系本人或家属"),
    ]  # fmt: skip


def test_who_looked_tells_who_found_it_by_an_id_number(
    numbered: Household, secretary_east: Actor, household: Household
):
    number = cast.head_of(numbered).id_number
    look_up_id_number(secretary_east, number, at=cast.NOON)
    told = [(k.by, k.post, k.whose, k.what, k.purpose) for k in who_looked(numbered)]
    assert told == [
        (
            "李东", "双乳村支书", "刘武林", "身份证号（用号码查到，没有显示）",
            "手上有这个号码，查是哪一户",
        ),
    ]  # fmt: skip
    assert number not in str(told)
    assert who_looked(household) == []


def test_who_looked_tells_of_the_phone_that_came_with_a_report(
    numbered: Household, warden: Actor, secretary_east: Actor
):
    matter = cast.make_matter(warden, household_id=numbered.id)
    reveal_reporter_phone(secretary_east, matter.id, "contact", at=cast.NOON)
    assert [(k.by, k.what, k.purpose) for k in who_looked(numbered)] == [
        ("李东", "上报时留的电话", "联系本人或家属")
    ]


@pytest.mark.parametrize(
    ("whole", "words"), [(True, "导出整份登记表"), (False, "导出登记表，姓名和号码隐去")]
)
def test_a_register_taken_out_is_a_look_at_everybody_in_it(
    numbered: Household, household_west: Household, data_officer: Actor, tmp_path: Any,
    whole: bool, words: str,
):  # fmt: skip
    export_register(
        data_officer, cast.EAST, tmp_path / "r.xlsx", "check", whole=whole, at=cast.NOON
    )
    assert [(k.what, k.post) for k in who_looked(numbered)] == [(words, "汉阴县数据员")]
    assert who_looked(household_west) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("households", "导出一份名单（户的名单），可能有您家"),
        ("visits", "导出一份名单（走访），可能有您家"),
        ("proposals", "导出一份名单（手机报来的变更），可能有您家"),
        ("requests", "导出一份名单（个人信息申请），可能有您家"),
        ("matters", "导出一份名单（事项），可能有您家"),
    ],
)
def test_a_list_taken_out_over_its_place_is_a_look_at_a_household(
    numbered: Household, household_west: Household, secretary_east: Actor, name: str, words: str
):
    for place, persons in ((cast.EAST, 3), (cast.EAST, 0)):  # an empty one held nobody
        row = ask_export(secretary_east, name, place, persons, "check", asked="", at=cast.NOON)
        take_export(secretary_east, row.id, persons, at=cast.NOON)
    assert [(k.by, k.post, k.what, k.purpose) for k in who_looked(numbered)] == [
        ("李东", "双乳村支书", words, "与村里核对登记")
    ]
    assert who_looked(household_west) == []
    elsewhere = cast.make_household(cast.EAST_GRID_2)
    assert len(who_looked(elsewhere)) == 1


def test_a_list_that_holds_no_residents_is_no_look(numbered: Household, secretary_east: Actor):
    for name in ("ledger", "devices", "staff"):
        record(
            secretary_east, "export", "list", name, cast.EAST, at=cast.NOON, quiet=True, rows=3
        )
    assert who_looked(numbered) == []


@pytest.mark.parametrize("looks", [1, 3])
def test_who_looked_takes_the_same_queries(
    numbered: Household, secretary_east: Actor, django_assert_num_queries: Any, looks: int
):
    for _ in range(looks):
        reveal_field(
            secretary_east, cast.head_of(numbered).id, "phone", "contact", at=cast.NOON
        )
    with django_assert_num_queries(5):
        who_looked(numbered)
