"""The page of what there is at a place: added, changed, ended, with history, by its village."""

import pytest
from django.utils.timezone import localdate

from lianhu.territory.actions import Wished, add_resource
from lianhu.territory.models import Resource
from tests import cast
from tests.matters.helpers import AT

PATH = f"/desk/places/{cast.EAST}/resources/"
DOCTOR = {"kind": "doctor", "name": "双乳村卫生室", "phone": "0915 5550101", "place": cast.EAST}


def test_the_village_adds_changes_and_ends(signed, secretary_east):
    client = signed(secretary_east)
    assert "这里还没有记过" in client.get(PATH).content.decode()
    assert client.post(f"{PATH}add/", DOCTOR)["Location"] == f"{PATH}?done=resource"
    row = Resource.objects.get()
    assert (
        f"/desk/resources/{row.id}/end/"
        in client.get(PATH, {"edit": str(row.id)}).content.decode()
    )
    assert "0915 5550101" in client.get(PATH).content.decode()
    done = client.post(
        f"/desk/resources/{row.id}/change/", DOCTOR | {"name": "新卫生室", "back": cast.EAST}
    )
    assert done["Location"] == f"{PATH}?done=resource_change"
    row = Resource.objects.get(ended_on=None)
    client.post(f"/desk/resources/{row.id}/end/", {"last_day": localdate().isoformat()})
    text = client.get(PATH).content.decode()
    assert "这里还没有记过" in text
    assert "以前的" in text
    assert "新卫生室" in text


def test_a_refusal_keeps_what_was_typed(signed, secretary_east):
    client = signed(secretary_east)
    bad = client.post(f"{PATH}add/", DOCTOR | {"name": "王师傅", "private": "1"})
    assert bad.status_code == 422
    text = bad.content.decode()
    assert "要本人同意才能写" in text
    assert 'value="王师傅"' in text
    assert not Resource.objects.exists()
    wrong = client.post(f"{PATH}add/", DOCTOR | {"place": cast.WEST})
    assert wrong.status_code == 404


def test_a_private_number_is_masked_and_kept_when_the_field_stays_empty(signed, secretary_east):
    client = signed(secretary_east)
    typed = {
        "kind": "repair", "name": "王师傅", "phone": "13800001111", "place": cast.EAST,
        "private": "1", "consent_on": "2026-01-05", "consent_words": "当面说的",
    }  # fmt: skip
    assert client.post(f"{PATH}add/", typed).status_code == 302
    row = Resource.objects.get()
    for text in (
        client.get(PATH).content.decode(),
        client.get(PATH, {"edit": str(row.id)}).content.decode(),
    ):
        assert "13800001111" not in text
        assert "138****1111" in text
    assert "改好" not in client.get(PATH, {"edit": "nonsense"}).content.decode()
    client.post(
        f"/desk/resources/{row.id}/change/", typed | {"name": "王师傅（修水管）", "phone": ""}
    )
    assert Resource.objects.get(ended_on=None).phone == "13800001111"


def test_the_next_village_finds_no_page(
    signed, secretary_east, secretary_west, supervisor, officer_town
):
    row = add_resource(
        secretary_east, cast.EAST, Wished("doctor", "村医", phone="0915 5550101"), **AT
    )
    for actor in (secretary_west, supervisor, officer_town):
        client = signed(actor)
        assert client.get(PATH).status_code in {403, 404}
        assert client.post(f"{PATH}add/", DOCTOR).status_code in {403, 404}
        for how in ("change", "end"):
            assert client.post(f"/desk/resources/{row.id}/{how}/", DOCTOR).status_code == 404
    assert signed(secretary_west).get(PATH).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_one_row_as_for_three(
    signed, secretary_east, rows, django_assert_num_queries
):
    for n in range(rows):
        add_resource(secretary_east, cast.EAST_GRID, Wished("road", f"急弯{n}"), **AT)
    client = signed(secretary_east)
    client.get(PATH)
    with django_assert_num_queries(12):
        assert len(client.get(PATH).context["rows"]) == rows
