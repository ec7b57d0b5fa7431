"""Divisions are renamed, converted and added to at the desk, by the data officer alone."""

import pytest

from lianhu.territory.models import Place
from tests import cast

PATH = f"/desk/places/{cast.EAST}/change/"


def test_a_village_is_renamed_converted_and_gets_a_group(signed, data_officer):
    client = signed(data_officer)
    assert client.get(PATH).status_code == 200
    client.post(PATH, {"what": "rename", "name": "双乳新村", "on": "2026-11-01"})
    assert Place.objects.get(code=cast.EAST).name == "双乳新村"
    client.post(
        PATH, {"what": "add", "code": f"{cast.EAST}09", "name": "九组", "on": "2026-11-01"}
    )
    assert Place.objects.get(code=f"{cast.EAST}09").parent_id == cast.EAST
    new = f"{cast.EAST_TOWN}001"
    done = client.post(
        PATH, {"what": "convert", "code": new, "name": "双乳社区", "on": "2026-11-02"}
    )
    assert done["Location"] == f"/desk/places/{new}/?done=place"
    assert Place.objects.get(code=cast.EAST).successor_id == new
    assert client.get(f"/desk/places/{cast.EAST}/").context["place"].name == "双乳社区"


@pytest.mark.parametrize(
    "typed",
    [
        {"what": "rename", "name": "留着的名字", "on": "someday"},
        {"what": "rename", "name": " ", "on": "2026-11-01"},
        {"what": "add", "code": f"{cast.WEST}09", "name": "留着的名字", "on": "2026-11-01"},
        {"what": "add", "code": "abc", "name": "留着的名字", "on": "2026-11-01"},
        {"what": "convert", "code": cast.NEIGHBOUR, "name": "留着的名字", "on": "2026-11-01"},
        {"what": "merge", "into": cast.WEST, "on": "2026-11-01"},
        {"what": "sing", "on": "2026-11-01"},
    ],
)
def test_a_refused_change_keeps_what_was_typed(signed, data_officer, places, typed):
    answer = signed(data_officer).post(PATH, typed)
    assert answer.status_code == 422
    if typed.get("name", "").strip():
        assert typed["name"] in answer.content.decode()
    assert Place.objects.get(code=cast.EAST).name == "双乳村"


def test_only_the_data_officer_changes_divisions(signed, secretary_east, officer_county):
    for actor in (secretary_east, officer_county):
        assert signed(actor).get(PATH).status_code == 404
        assert signed(actor).post(PATH, {"what": "rename", "name": "x"}).status_code == 404
