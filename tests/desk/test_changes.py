"""Changes at the desk: forms say what is wrong, and pages show the history."""

import pytest

from lianhu.grading.actions.care import open_care
from lianhu.grading.actions.decide import propose_grade
from lianhu.grading.actions.homes import split_household
from lianhu.people.models import Household, Person
from tests import cast


def path(home):
    return f"/desk/households/{home.id}/"


def test_a_birth_a_split_and_a_merge_in_a_row(signed, secretary_east, household):
    client, day = signed(secretary_east), cast.TODAY.isoformat()
    page = f"{path(household)}change/"
    assert "添一个人" in client.get(page).content.decode()
    born = {"what": "join", "how": "born", "name": "刘小宝", "relation": "41", "sex": "1",
            "born_on": day, "on": day}  # fmt: skip
    assert client.post(page, born)["Location"] == f"{path(household)}?done=change"
    son = Person.objects.get(name="刘小军")
    split = {"what": "split", "person": [str(son.id)], "head": str(son.id)}
    gone = client.post(page, split)["Location"]
    new = Household.objects.get(head_name="刘小军")
    assert gone == f"{path(new)}?done=change"
    answer = client.post(page, {"what": "merge", "other": str(new.id)})
    assert answer["Location"] == f"{path(household)}?done=change"
    text = client.get(path(new)).content.decode()
    assert "已销户，只能看" in text
    text = client.get(path(household)).content.decode()
    for words in ("出生登记", "分户", "并户"):
        assert words in text


def test_a_death_asks_who_is_head_next(signed, secretary_east, household):
    client, head = signed(secretary_east), cast.head_of(household)
    page, typed = f"/desk/persons/{head.id}/", {"what": "died", "on": cast.TODAY.isoformat()}
    assert "谁接着当户主" in client.get(page).content.decode()
    answer = client.post(page, typed)
    assert answer.status_code == 422
    assert "请先定谁接着当户主" in answer.content.decode()
    wife = Person.objects.get(name="张桂花")
    client.post(page, typed | {"head": str(wife.id)})
    assert "去世，登记只能看" in client.get(page).content.decode()
    assert "以前的人（1）" in client.get(path(household)).content.decode()


def test_a_field_is_corrected_with_a_reason(signed, secretary_east, household):
    client, head = signed(secretary_east), cast.head_of(household)
    page, typed = (
        f"/desk/persons/{head.id}/",
        {"what": "correct", "field": "name", "value": "刘五"},
    )
    assert client.post(page, typed).status_code == 422
    client.post(page, typed | {"words": "看了户口本"})
    text = client.get(page).content.decode()
    assert "刘武林 → 刘五" in text
    assert "看了户口本" in text


@pytest.mark.parametrize("typed", [{}, {"what": "x"}, {"what": "end"}, {"what": "merge"},
                                   {"what": "split"}, {"what": "join", "on": "x"}])  # fmt: skip
def test_what_is_missing_is_said(signed, secretary_east, household, typed):
    answer = signed(secretary_east).post(f"{path(household)}change/", typed)
    assert answer.status_code == 422


def test_changes_refuse_the_next_village_and_who_may_not(
    signed, secretary_west, supervisor, officer_town, household
):
    person = cast.head_of(household)
    for actor in (secretary_west, supervisor):
        client = signed(actor)
        for page in (f"{path(household)}change/", f"/desk/persons/{person.id}/"):
            assert client.get(page).status_code == 404
            assert client.post(page, {"what": "end"}).status_code == 404
    assert signed(officer_town).get(f"{path(household)}change/").status_code == 200


def test_help_goes_along_and_its_page_says_where_from(signed, secretary_east, household):
    other = cast.make_household(cast.EAST_GRID, "陈老三")
    propose_grade(secretary_east, other.id, "yellow", "留守", at=cast.NOON)
    client, page = signed(secretary_east), f"{path(household)}change/"
    text = client.get(page).content.decode()
    assert f'href="{path(household)}grade/"' in text
    ended = {"what": "end", "on": cast.TODAY.isoformat(), "words": "搬走"}
    answer = client.post(f"{path(other)}change/", ended)
    assert answer.status_code == 422
    assert "这一户还在多帮" in answer.content.decode()
    client.post(page, {"what": "merge", "other": str(other.id)})
    text = client.get(f"{path(household)}grade/").content.decode()
    assert "关心户" in text
    assert "并户时从原来那一户带来的决定" in text


def test_a_split_waits_for_what_is_being_decided(signed, secretary_east, household):
    propose_grade(secretary_east, household.id, "red", "独居", at=cast.NOON)
    son = str(Person.objects.get(name="刘小军").id)
    split = {"what": "split", "person": [son], "head": son}
    answer = signed(secretary_east).post(f"{path(household)}change/", split)
    assert answer.status_code == 422
    assert "先到“怎样帮这一户”里定下来" in answer.content.decode()
    assert Household.objects.count() == 1


def test_care_goes_with_who_left_when_its_worker_says_so(
    signed, secretary_east, officer_town, household
):
    words = ("本人点头了", "", "夜里睡不着", "")
    supervisor = officer_town.id
    episode = open_care(
        secretary_east, household.id, supervisor, "consent", *words, at=cast.NOON
    )
    client, page = signed(secretary_east), f"/desk/care/{episode.id}/"
    assert "跟过去" not in client.get(page).content.decode()
    son = Person.objects.get(name="刘小军")
    new = split_household(secretary_east, household.id, [son.id], son.id, at=cast.NOON)
    assert "跟过去" in client.get(page).content.decode()
    client.post(f"{page}move/", {"household": str(new.id)})
    assert "刘小军家：关怀记录" in client.get(page).content.decode()
