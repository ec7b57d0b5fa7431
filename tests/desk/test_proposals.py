"""The queue of what phones say: both values side by side, one press to decide."""

from lianhu.people.actions import change_residence
from lianhu.people.actions.proposals import propose_change
from lianhu.people.models import Person, Proposal
from tests import cast
from tests.matters.helpers import AT
from tests.people.test_proposals import back_home, said, son

QUEUE = "/desk/proposals/"


def test_both_values_stand_side_by_side_and_one_is_chosen(
    signed, warden, secretary_east, household
):
    row = back_home(warden, household)
    client = signed(secretary_east)
    change_residence(secretary_east, son(household).id, "away", "东莞", **AT)
    text = client.get(QUEUE).content.decode()
    for words in ("外出 东莞", "<b>在家</b>", "后来有人改过", "用报来的", "陈户长"):
        assert words in text
    path = f"{QUEUE}{row.id}/"
    assert client.post(f"{path}accept/", {"seen": "1"}).status_code == 422
    answer = client.post(f"{path}accept/", {"seen": "2"})
    assert answer["Location"] == f"{QUEUE}?done=accepted"
    assert son(household).residence == "home"


def test_a_reason_is_asked_for(signed, warden, secretary_east, household):
    row = back_home(warden, household)
    client, path = signed(secretary_east), f"{QUEUE}{row.id}/decline/"
    assert client.post(path, {"words": ""}).status_code == 422
    assert client.post(path, {"words": "过完年还走"})["Location"] == f"{QUEUE}?done=declined"
    assert Proposal.objects.get().reply == "过完年还走"
    assert "没有等着定的" in client.get(QUEUE).content.decode()


def test_a_new_phone_number_is_shown_once_beside_the_masked_one(
    signed, warden, secretary_east, household
):
    head = cast.head_of(household)
    propose_change(warden, household.id, said("phone", head, phone="10087654321"), **AT)
    text = signed(secretary_east).get(QUEUE).content.decode()
    assert "10087654321" in text
    assert head.phone not in text


def test_the_queue_refuses_the_next_village_and_who_may_not(
    signed, warden, secretary_west, supervisor, household
):
    row = back_home(warden, household)
    west = signed(secretary_west)
    assert "刘小军" not in west.get(QUEUE).content.decode()
    for how in ("accept", "decline"):
        assert west.post(f"{QUEUE}{row.id}/{how}/", {"words": "x"}).status_code == 404
    assert west.post(f"{QUEUE}{row.id}/burn/").status_code == 404
    assert signed(supervisor).get(QUEUE).status_code == 403
    assert Person.objects.filter(residence="home").count() == 2
