"""The desk's pages of minors: ask, agree, look."""

import pytest

from lianhu.people.models import MinorLook, Person
from lianhu.rights.queries.looked import who_looked
from tests import cast

PAGE = "/desk/minors/"
ASK = {
    "field": "phone",
    "purpose": "contact",
    "words": "学校要核对，奶奶同意",
    "consent": "present",
}


@pytest.fixture
def boy(places):
    born = cast.TODAY.replace(year=2017)
    cast.make_household(
        members=[{"name": "刘小军", "relation": "41", "phone": "10011110002", "born_on": born}]
    )
    return Person.objects.get(name="刘小军")


@pytest.fixture
def committee(places):
    return cast.make_actor("田委", ("committee", cast.EAST, cast.COMMITTEE))


def test_ask_agree_and_look(signed, secretary_east, committee, boy):
    mine, other = signed(secretary_east), signed(committee)
    home, reveal = f"/desk/households/{boy.household_id}/", f"/desk/persons/{boy.id}/reveal/"
    assert "未成年人，先申请" in mine.get(home).content.decode()
    look = {"field": "phone", "purpose": "contact"}
    refused = mine.post(reveal, look)
    assert refused.status_code == 422
    assert "10011110002" not in refused.content.decode()
    form = f"/desk/persons/{boy.id}/minor/"
    assert "监护人怎样同意的" in mine.get(form).content.decode()
    assert mine.post(form, ASK | {"words": ""}).status_code == 422
    assert mine.post(form, ASK)["Location"] == f"{PAGE}?done=minor_asked"
    row = MinorLook.objects.get()
    assert mine.post(f"{PAGE}{row.id}/agree/").status_code == 404
    assert "未成年人信息：1 件等您点头" in other.get("/desk/").content.decode()
    assert "学校要核对" in other.get(PAGE).content.decode()
    assert other.post(f"{PAGE}{row.id}/decline/").status_code == 422
    assert other.post(f"{PAGE}{row.id}/agree/")["Location"] == f"{PAGE}?done=minor_agree"
    assert "可以看" in mine.get(PAGE).content.decode()
    assert "10011110002" in mine.post(reveal, look).content.decode()


def test_whoever_opens_a_childs_page_is_shown_to_the_household(
    signed, secretary_east, secretary_west, boy
):
    page = f"/desk/persons/{boy.id}/"
    assert "一家人看得到谁看过" in signed(secretary_east).get(page).content.decode()
    assert signed(secretary_west).get(page).status_code == 404
    # Whose form is refused has seen the page as well.
    assert signed(secretary_east).post(page, {"what": "correct"}).status_code == 422
    grown = cast.head_of(boy.household)
    text = signed(secretary_east).get(f"/desk/persons/{grown.id}/").content.decode()
    assert "一家人看得到谁看过" not in text
    told = [(k.by, k.post, k.whose, k.what, k.purpose) for k in who_looked(boy.household)]
    assert told == 2 * [
        ("李东", "双乳村支书", "刘小军", "未成年人登记的一页", "核对或改动登记")
    ]


def test_minors_refuse_the_next_village(
    signed, secretary_east, secretary_west, supervisor, boy
):
    signed(secretary_east).post(f"/desk/persons/{boy.id}/minor/", ASK)
    row, client = MinorLook.objects.get(), signed(secretary_west)
    assert client.get(f"/desk/persons/{boy.id}/minor/").status_code == 404
    assert client.post(f"{PAGE}{row.id}/agree/").status_code == 404
    assert client.post(f"{PAGE}{row.id}/elsewhere/").status_code == 404
    assert "刘" not in client.get(PAGE).content.decode()
    assert signed(supervisor).get(PAGE).status_code == 403


def test_a_short_whole_register_with_minors_waits_for_a_second_person(
    signed, data_officer, boy
):
    client = signed(data_officer)
    where = f"/desk/register/export/?place={cast.EAST}&whole=1"
    assert "其中 1 人未成年" in client.post(where).content.decode()
    done = client.post(where, {"purpose": "check", "why": "与村里核对"})
    assert done["Location"] == "/desk/exports/?done=export_asked"
