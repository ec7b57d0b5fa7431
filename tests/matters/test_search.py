"""Search takes whatever people type, and never more than they may see."""

import pytest

from lianhu.matters.models import Matter
from lianhu.matters.queries.lists import Filter, list_matters
from lianhu.people.queries import find_by_id_number, list_households
from tests import cast

NASTY = [
    "", " ", "垃", "'", '"', "' OR 1=1 --", '" OR "1"="1', "垃圾*", "垃圾 AND 桥头", "NOT 垃圾",
    "垃圾)", "(垃圾", "^垃圾", "body:垃圾", "垃圾:*", "垃圾 & !桥头", "垃圾 <-> 桥头", "a | b",
    "\\", "%",
    "_%",
    "NEAR(垃圾 桥头)", "\x00", "垃\x00圾", "😀😀", "👨‍👩‍👧", "垃圾" * 5000, "x" * 10_000,
    "".join(chr(0x4E00 + n) for n in range(3000)), "İİ", "ẞß", "٠١", "²³", "\n\n垃\n圾",
    "p610921104", "cordinary", "b5783x573e",
]  # fmt: skip


@pytest.mark.parametrize("words", NASTY, ids=range(len(NASTY)))
@pytest.mark.parametrize(
    "who", ["secretary_east", "officer_county", "handler", "secretary_west"]
)
def test_nothing_typed_breaks_the_search(request, warden, words, who):
    cast.make_matter(warden)
    actor = request.getfixturevalue(who)
    found = list(list_matters(actor, Filter(words=words), today=cast.TODAY))
    if who in {"handler", "secretary_west"}:
        assert found == []


@pytest.mark.parametrize("words", NASTY, ids=range(len(NASTY)))
def test_nothing_typed_breaks_the_register(secretary_east, household, words):
    list(list_households(secretary_east, words=words))
    assert find_by_id_number(secretary_east, words) == []


@pytest.mark.parametrize(
    ("words", "finds"),
    [
        ("垃圾", True), ("桥头的垃圾", True), ("垃圾 桥头", True), ("堆了，三天", True),
        ("垃圾车", False), ("头桥", False), ("娃娃上学", True), ("垃", False),
    ],
)  # fmt: skip
def test_search_finds_texts_with_all_pairs_of_signs(warden, secretary_east, words, finds):
    matter = cast.make_matter(warden)
    found = list(list_matters(secretary_east, Filter(words=words), today=cast.TODAY))
    assert found == ([matter] if finds else [])


def test_search_by_code_in_any_writing(warden, secretary_east, secretary_west):
    matter = cast.make_matter(warden)
    for written in (matter.ref, matter.ref.lower(), f"  {matter.ref} "):
        assert list(list_matters(secretary_east, Filter(words=written), today=cast.TODAY)) == [
            matter
        ]
        assert list(list_matters(secretary_west, Filter(words=written), today=cast.TODAY)) == []


def test_an_office_finds_what_it_holds_and_no_more(warden, handler):
    mine, other = cast.make_matter(warden), cast.make_matter(warden)
    Matter.objects.filter(id=mine.id).update(office=cast.HOUSING)
    assert list(list_matters(handler, Filter(words="垃圾"), today=cast.TODAY)) == [mine]
    assert other.id != mine.id


@pytest.mark.parametrize("field", ["top", "stage", "late", "order", "queue", "state"])
def test_a_filter_of_nonsense_is_no_crash(warden, secretary_east, field):
    cast.make_matter(warden)
    for value in ("nonsense", "'", "垃" * 5000):
        list(list_matters(secretary_east, Filter(**{field: value}), today=cast.TODAY))
