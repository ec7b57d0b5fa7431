"""Two registrations side by side; a person decides, and may take it back."""

from lianhu.people.models import Change, Person
from tests import cast
from tests.people.test_duplicates import NUMBER, twice

__all__ = ["twice"]
PAGE = "/desk/duplicates/"


def test_two_are_seen_side_by_side_merged_and_taken_back(signed, secretary_east, twice):
    client, (keep, drop) = signed(secretary_east), twice
    text = client.get(PAGE).content.decode()
    assert "同村、同名、同一天出生" in text
    pair = f"{PAGE}{keep.id}/{drop.id}/"
    assert pair in text
    text = client.get(pair).content.decode()
    assert "****" + NUMBER[-4:] in text
    assert NUMBER not in text
    answer = client.post(pair, {"take": ["id_number"], "words": "问过"})
    assert answer["Location"] == f"/desk/persons/{keep.id}/?done=change"
    assert Person.objects.get(id=keep.id).id_number == NUMBER
    change = Change.objects.get(kind="person.merge")
    assert "撤销合并" in client.get(f"/desk/persons/{keep.id}/").content.decode()
    back = client.post(f"{PAGE}{change.id}/undo/", {"words": "是两姐妹"})
    assert back["Location"] == f"/desk/persons/{drop.id}/?done=change"
    assert client.post(pair, {"take": ["x"]}).status_code == 422


def test_duplicates_refuse_the_next_village_and_who_may_not(
    signed, secretary_west, supervisor, twice
):
    keep, drop = twice
    west = signed(secretary_west)
    assert "刘小妹" not in west.get(PAGE).content.decode()
    for call in (west.get, west.post):
        assert call(f"{PAGE}{keep.id}/{drop.id}/").status_code == 404
    assert signed(supervisor).get(PAGE).status_code == 403
    assert west.get(PAGE, {"place": cast.EAST}).status_code == 404
