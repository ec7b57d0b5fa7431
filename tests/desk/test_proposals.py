"""The queue of what phones say: both values side by side, one press to decide."""

from lianhu.audit.models import Entry
from lianhu.people.actions import change_residence
from lianhu.people.actions.proposals import Proposed, propose_change
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


def test_a_new_phone_number_is_masked_and_shown_for_a_purpose(
    signed, warden, secretary_east, secretary_west, data_officer, household
):
    head = cast.head_of(household)
    row = propose_change(warden, household.id, said("phone", head, phone="10087654321"), **AT)
    client, path = signed(secretary_east), f"{QUEUE}{row.id}/reveal/"
    text = client.get(QUEUE).content.decode()
    assert "100****4321" in text
    assert path in text
    assert "10087654321" not in text
    assert head.phone not in text
    for purpose in ("", "curious"):
        answer = client.post(path, {"purpose": purpose})
        assert answer.status_code == 422
        assert "10087654321" not in answer.content.decode()
    assert not Entry.objects.filter(verb="person.reveal").exists()
    assert "10087654321" in client.post(path, {"purpose": "contact"}).content.decode()
    entry = Entry.objects.get(verb="person.reveal")
    assert (entry.object_id, entry.place_id, entry.facts) == (
        str(head.id), household.place_id,
        {"field": "phone", "purpose": "contact", "household": str(household.id)},
    )  # fmt: skip
    assert signed(secretary_west).post(path, {"purpose": "contact"}).status_code == 404
    officer = signed(data_officer)  # may change the register, and looks at no number
    assert path not in officer.get(QUEUE).content.decode()
    assert officer.post(path, {"purpose": "contact"}).status_code == 404
    client.post(f"{QUEUE}{row.id}/accept/", {"seen": head.version})
    head.refresh_from_db()
    assert head.phone == "10087654321"
    assert client.post(path, {"purpose": "contact"}).status_code == 422


def test_no_number_is_revealed_where_none_is_said(signed, warden, secretary_east, household):
    row = back_home(warden, household)
    answer = signed(secretary_east).post(f"{QUEUE}{row.id}/reveal/", {"purpose": "contact"})
    assert answer.status_code == 422
    assert not Entry.objects.filter(verb="person.reveal").exists()


def test_a_new_members_name_is_masked_for_who_reads_no_names(
    signed, warden, officer_town, household
):
    born = Proposed("born", name="刘小宝", relation="20", sex="1", born_on="2026-11-01")
    propose_change(warden, household.id, born, **AT)
    text = signed(officer_town).get(QUEUE).content.decode()
    assert "刘*宝" in text
    assert "刘小宝" not in text


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
