"""The desk's page of emergencies: open, read, reveal, shut, review."""

from datetime import timedelta

import pytest

from lianhu.rights.models import Opening
from tests import cast

PAGE = "/desk/emergencies/"
FORM = {
    "village": cast.WEST,
    "group": "1",
    "name": "马有田",
    "words": "河水涨了，要马上联系这一户转移",
}


@pytest.fixture
def open_one(signed, secretary_east, household_west):
    client = signed(secretary_east)
    answer = client.post(PAGE, FORM)
    return client, answer["Location"]


def test_open_read_reveal_and_shut(open_one, household_west):
    client, address = open_one
    page = client.get(address)
    assert "马有田家" in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    head = cast.head_of(household_west)
    field = {"field": "phone"}
    assert head.phone not in page.content.decode()
    one = f"{address}persons/{head.id}/"
    assert head.phone in client.post(one, field).content.decode()
    assert (
        head.phone in client.post(one, field, headers={"HX-Request": "true"}).content.decode()
    )
    assert client.post(one, {"field": "x"}).status_code == 422
    assert client.post(f"{address}close/")["Location"] == f"{PAGE}?done=emergency_closed"
    assert "马有田" not in client.get(address).content.decode()
    assert client.post(one, field).status_code == 422


def test_it_opens_no_other_page(open_one, household_west):
    client, _ = open_one
    head = cast.head_of(household_west)
    for path in (f"/desk/households/{household_west.id}/", f"/desk/persons/{head.id}/"):
        assert client.get(path).status_code == 404
    reveal = f"/desk/persons/{head.id}/reveal/"
    assert client.post(reveal, {"field": "phone", "purpose": "emergency"}).status_code == 404


def test_it_ends_by_itself(open_one):
    client, address = open_one
    Opening.objects.update(opened_at=Opening.objects.get().opened_at - timedelta(hours=1))
    Opening.objects.update(ends_at=Opening.objects.get().opened_at + timedelta(minutes=60))
    assert "马有田" not in client.get(address).content.decode()


def test_no_matter_of_the_household_is_on_it(open_one, warden_west, household_west):
    client, address = open_one
    said = cast.make_matter(
        warden_west,
        place=cast.WEST_GRID,
        words="反映村里有人打人",
        household_id=household_west.id,
    )
    assert said.words not in client.get(address).content.decode()


def test_nobody_found_is_said_on_the_own_page(signed, secretary_east, household_west):
    client = signed(secretary_east)
    address = client.post(PAGE, FORM | {"name": "无此人"})["Location"]
    assert "没有登记这个名字" in client.get(address).content.decode()


def test_refusals_keep_what_was_typed(signed, secretary_east, household_west):
    page = signed(secretary_east).post(PAGE, FORM | {"words": "急"})
    assert page.status_code == 422
    assert 'value="马有田"' in page.content.decode()


def test_opening_asks_once_more_who_is_there(secretary_east, household_west):
    from django.test import Client  # noqa: PLC0415 - a browser of its own

    client = cast.enter(Client(), secretary_east.id, fresh=False)
    assert client.post(PAGE, FORM).status_code in (200, 403)
    assert not Opening.objects.exists()


def test_the_county_is_told_on_its_first_page_and_answers(
    signed, open_one, officer_county, data_officer
):
    row = Opening.objects.get()
    for actor in (officer_county, data_officer):
        assert "紧急查看：1 次等您核对" in signed(actor).get("/desk/").content.decode()
    client = signed(officer_county)
    page = client.get(PAGE).content.decode()
    assert "李东" in page
    assert FORM["words"] in page
    assert client.post(f"{PAGE}{row.id}/improper/", {"words": ""}).status_code == 422
    done = client.post(f"{PAGE}{row.id}/proper/", {"words": ""})
    assert done["Location"] == f"{PAGE}?done=emergency_reviewed"
    assert "次等您核对" not in client.get("/desk/").content.decode()
    assert "应该看" in open_one[0].get(PAGE).content.decode()


def test_emergencies_refuse_the_next_village(signed, open_one, secretary_west, supervisor):
    _, address = open_one
    client = signed(secretary_west)
    assert client.get(address).status_code == 404
    assert client.post(f"{address}close/").status_code == 404
    assert client.post(f"{address}proper/").status_code == 404
    assert client.post(f"{address}elsewhere/").status_code == 404
    assert signed(supervisor).get(PAGE).status_code == 403
