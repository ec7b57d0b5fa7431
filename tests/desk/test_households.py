"""A household's page: masked, revealed with a purpose, changed only within reach."""

from lianhu.audit.models import Entry
from lianhu.people.models import Household, Person
from tests import cast


def _path(household):
    return f"/desk/households/{household.id}/"


def test_household_masks_its_members_and_shows_its_course(
    signed, secretary_east, household, warden
):
    cast.make_matter(warden, household_id=household.id)
    head = cast.head_of(household)
    text = signed(secretary_east).get(_path(household)).content.decode()
    assert "****" + head.id_number[-4:] in text
    assert head.id_number not in text
    assert head.phone not in text
    assert "桥头的垃圾堆了三天" in text
    assert "外出 西安" in text


def test_household_refuses_the_next_village(signed, secretary_west, household):
    client = signed(secretary_west)
    person = cast.head_of(household)
    assert client.get(_path(household)).status_code == 404
    assert client.post(_path(household) + "move/", {"grid": cast.WEST_GRID}).status_code == 404
    typed = {"field": "phone", "purpose": "contact"}
    assert client.post(f"/desk/persons/{person.id}/reveal/", typed).status_code == 404
    assert client.post(f"/desk/persons/{person.id}/residence/", {}).status_code == 404


def test_reveal_shows_one_field_and_writes_its_purpose(signed, secretary_east, household):
    client, person = signed(secretary_east), cast.head_of(household)
    path, typed = f"/desk/persons/{person.id}/reveal/", {"field": "phone", "purpose": "service"}
    part = client.post(path, typed, headers={"HX-Request": "true"}).content.decode()
    assert person.phone in part
    assert 'data-hide="30"' in part
    assert "<html" not in part
    page = client.post(path, typed)
    assert page["Cache-Control"] == "no-store"
    assert "30 秒后隐去" in page.content.decode()
    entry = Entry.objects.latest("id")
    assert (entry.verb, entry.facts["field"], entry.facts["purpose"]) == (
        "person.reveal", "phone", "service",
    )  # fmt: skip
    text = client.get(_path(household)).content.decode()
    assert "查看了隐去的一项" in text
    assert "代办事项需要核对" in text
    assert person.phone not in text


def test_reveal_needs_a_purpose(signed, secretary_east, household):
    client, person = signed(secretary_east), cast.head_of(household)
    path = f"/desk/persons/{person.id}/reveal/"
    answer = client.post(path, {"field": "phone", "purpose": ""})
    assert answer.status_code == 422
    assert person.phone not in answer.content.decode()
    part = client.post(path, {"field": "phone"}, headers={"HX-Request": "true"})
    assert (part.status_code, "lianhu:refused" in part["HX-Trigger"]) == (204, True)
    assert client.post(path, {"field": "born_on", "purpose": "contact"}).status_code == 422
    assert Entry.objects.filter(verb="person.reveal").count() == 0


def test_reveal_is_for_those_who_may(signed, data_officer, supervisor, household):
    person = cast.head_of(household)
    for actor in (data_officer, supervisor):
        answer = signed(actor).post(
            f"/desk/persons/{person.id}/reveal/", {"field": "phone", "purpose": "contact"}
        )
        assert answer.status_code == 404


def test_residence_is_changed(signed, secretary_east, household):
    client, person = signed(secretary_east), cast.head_of(household)
    path = f"/desk/persons/{person.id}/residence/"
    answer = client.post(path, {"residence": "away", "away_to": "广东东莞"})
    assert answer["Location"] == f"{_path(household)}?done=residence"
    person.refresh_from_db()
    assert (person.residence, person.away_to) == ("away", "广东东莞")
    assert client.post(path, {"residence": "moon"}).status_code == 422


def test_household_moves_to_another_grid_of_reach(signed, secretary_east, household):
    client = signed(secretary_east)
    for grid in (cast.WEST_GRID, "nonsense"):
        assert client.post(_path(household) + "move/", {"grid": grid}).status_code == 404
    assert client.post(_path(household) + "move/", {"grid": cast.EAST}).status_code == 422
    client.post(_path(household) + "move/", {"grid": cast.EAST_GRID_2})
    assert Household.objects.get(id=household.id).place_id == cast.EAST_GRID_2
    assert set(Person.objects.values_list("place_id", flat=True)) == {cast.EAST_GRID_2}
