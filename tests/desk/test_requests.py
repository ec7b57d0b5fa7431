"""What residents ask about their own data, at the desk."""

from typing import Any

import pytest

from lianhu.kernel.actor import Actor
from lianhu.people.models import Household
from lianhu.rights.actions.requests import ask_own
from lianhu.rights.models import Request
from lianhu.rights.queries.own import get_resident
from tests import cast
from tests.rights.conftest import NUMBER, home, numbered

__all__ = ["home", "numbered"]  # fixtures
QUEUE = "/desk/requests/"


@pytest.fixture
def asked(numbered: Household) -> Request:
    resident = get_resident(numbered.id, cast.head_of(numbered).id)
    return ask_own(resident, "delete", "把电话删掉", at=cast.NOON, person_id=resident.person.id)


def _form(home: Household, **more: str) -> dict[str, str]:
    given = {"person": str(cast.head_of(home).id), "identity": "card", "kind": "see"}
    return given | {"words": "想看看"} | more


def test_the_counter_receives_and_gives_a_receipt(
    signed: Any, secretary_east: Actor, numbered: Household
):
    desk = signed(secretary_east)
    form = f"/desk/households/{numbered.id}/requests/"
    assert "怎样认出是本人" in desk.get(form).content.decode()
    answer = desk.post(form, _form(numbered))
    row = Request.objects.get()
    assert answer["Location"] == f"{QUEUE}{row.id}/?done=request_received"
    page = desk.get(answer["Location"]).content.decode()
    assert f"{row.ref[:5]} {row.ref[5:]}" in page
    assert "看了身份证" in page
    assert "答复的话" not in page  # who received it does not answer it


@pytest.mark.parametrize(
    "wrong", [{"person": ""}, {"identity": ""}, {"kind": "delete", "words": ""}]
)
def test_the_counter_keeps_what_was_typed(
    signed: Any, secretary_east: Actor, numbered: Household, wrong: dict[str, str]
):
    form = f"/desk/households/{numbered.id}/requests/"
    answer = signed(secretary_east).post(form, _form(numbered, **({"words": "想看看"} | wrong)))
    assert answer.status_code == 422
    assert Request.objects.count() == 0


def test_the_queue_says_how_late_in_words(signed: Any, officer_town: Actor, asked: Request):
    Request.objects.update(due_on=cast.LONG_AGO)
    text = signed(officer_town).get(QUEUE).content.decode()
    assert "已超" in text
    assert "把电话删掉" in text


def test_an_answer_deletes_what_was_ticked(signed: Any, officer_town: Actor, asked: Request):
    desk, path = signed(officer_town), f"{QUEUE}{asked.id}/answer/"
    bare = desk.post(path, {"outcome": "granted", "words": "删了"})
    assert (bare.status_code, "请勾上" in bare.content.decode()) == (422, True)
    answer = desk.post(path, {"outcome": "granted", "words": "删了", "erase": ["phone"]})
    assert answer.status_code == 302
    assert cast.head_of(asked.household).phone == ""
    assert "删了：" in desk.get(f"{QUEUE}{asked.id}/").content.decode()
    assert "还没有答复过" not in desk.get(f"{QUEUE}?view=done").content.decode()


def test_a_restriction_is_lifted_at_the_persons_wish(
    signed: Any, officer_town: Actor, numbered: Household
):
    resident = get_resident(numbered.id, cast.head_of(numbered).id)
    row = ask_own(resident, "restrict", "先别用", at=cast.NOON)
    desk = signed(officer_town)
    desk.post(f"{QUEUE}{row.id}/answer/", {"outcome": "granted", "words": "好"})
    assert "限制使用" in desk.get(f"/desk/households/{numbered.id}/").content.decode()
    assert "解除限制" in desk.get(f"{QUEUE}{row.id}/").content.decode()
    desk.post(f"{QUEUE}{row.id}/lift/", {"words": "他要办事"})
    assert cast.head_of(numbered).restricted_on is None


def test_the_copy_is_for_the_households_hands_and_noted(
    signed: Any, officer_town: Actor, asked: Request
):
    answer = signed(officer_town).post(f"{QUEUE}{asked.id}/copy/")
    assert NUMBER in answer.content.decode()
    assert answer["Content-Disposition"].startswith("attachment")


def test_the_next_village_and_the_line_see_nothing(
    signed: Any, secretary_west: Actor, secretary_neighbour: Actor, leader_county: Actor,
    asked: Request, numbered: Household,
):  # fmt: skip
    for actor in (secretary_west, secretary_neighbour):
        desk = signed(actor)
        assert "把电话删掉" not in desk.get(QUEUE).content.decode()
        for path in (f"{QUEUE}{asked.id}/", f"/desk/households/{numbered.id}/requests/"):
            assert desk.get(path).status_code == 404
        for path in ("answer", "copy", "lift"):
            answer = desk.post(
                f"{QUEUE}{asked.id}/{path}/", {"outcome": "granted", "words": "x"}
            )
            assert answer.status_code == 404
    assert signed(leader_county).get(QUEUE).status_code == 403
    assert Request.objects.get().answered_at is None


@pytest.mark.parametrize("rows", [1, 3])
def test_the_queue_takes_the_same_queries(
    signed: Any, officer_town: Actor, numbered: Household, django_assert_num_queries: Any,
    rows: int,
):  # fmt: skip
    resident = get_resident(numbered.id, cast.head_of(numbered).id)
    for _ in range(rows):
        ask_own(resident, "explain", "为什么", at=cast.NOON)
    desk = signed(officer_town)
    with django_assert_num_queries(7):
        desk.get(QUEUE)
