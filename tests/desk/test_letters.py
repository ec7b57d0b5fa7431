"""Letters that wait for a person: judged again, entered or declined."""

import hashlib
import json
from datetime import timedelta

import pytest

from lianhu.accounts.models import User
from lianhu.kernel.ids import uuid7
from lianhu.letters.actions.receiving import Incoming, receive
from lianhu.letters.models import Letter
from lianhu.matters.models import Matter
from tests import cast

BODY = {"category": "environment", "words": "外村的河堤塌了一截", "visibility": "ordinary"}


def _send(actor, *, place=cast.EAST_FAR_GRID, text=None, **body):
    content = {
        "kind": "matter.report/1", "device_seq": 1, "captured_at": "2026-11-23T09:41:00+08:00",
        "place": place, "body": BODY | body,
    }  # fmt: skip
    text = text or json.dumps(content, ensure_ascii=False)
    digest = hashlib.sha256(text.encode()).hexdigest()
    device, _ = cast.make_device(actor)
    receive(actor, device.id, [Incoming(uuid7(), digest, text)], at=cast.NOON)
    return Letter.objects.latest("received_at", "id")


def test_letters_waits_with_its_reason_and_sender(signed, secretary_east, warden):
    letter = _send(warden)
    assert letter.outcome == "held"
    text = signed(secretary_east).get("/desk/letters/").content.decode()
    for words in ("上报一件事", "陈户长", "不归您管"):
        assert words in text
    page = signed(secretary_east).get(f"/desk/letters/{letter.id}/").content.decode()
    assert "外村的河堤塌了一截" in page
    assert "照规矩" in page
    assert "11月23日 09:41" in page
    assert 'value="environment.other" selected' in page


def test_letters_refuses_the_next_village(signed, secretary_west, representative, warden):
    letter = _send(warden)
    client = signed(secretary_west)
    assert client.get("/desk/letters/").context["rows"] == []
    assert client.get(f"/desk/letters/{letter.id}/").status_code == 404
    for how in ("again", "enter", "decline"):
        answer = client.post(f"/desk/letters/{letter.id}/{how}/", {"reason": "x"})
        assert answer.status_code == 404
    assert signed(representative).get("/desk/letters/").status_code == 403


def test_a_letter_is_judged_again_with_todays_rights(signed, secretary_east, warden):
    letter = _send(warden)
    client, path = signed(secretary_east), f"/desk/letters/{letter.id}/"
    refused = client.post(path + "again/")
    assert refused.status_code == 422
    assert "不归您管" in refused.content.decode()
    cast.make_grant(User.objects.get(id=warden.id), "warden", cast.EAST_FAR_GRID)
    assert client.post(path + "again/")["Location"] == "/desk/letters/?done=letter"
    assert Matter.objects.get().words == BODY["words"]
    assert client.get(path).status_code == 404


def test_a_letter_is_entered_as_a_matter(signed, secretary_east, warden):
    letter = _send(warden)
    client, path = signed(secretary_east), f"/desk/letters/{letter.id}/"
    typed = {"place": cast.EAST_FAR_GRID, "category": "nonsense", "words": "改过的话留着"}
    refused = client.post(path + "enter/", typed)
    assert refused.status_code == 422
    assert "改过的话留着" in refused.content.decode()
    done = client.post(path + "enter/", typed | {"category": "environment.garbage"})
    assert done.status_code == 302
    assert (Matter.objects.get().origin_id, Matter.objects.get().source) == (letter.id, "desk")


def test_a_letter_is_declined_with_a_reason(signed, secretary_east, warden):
    letter = _send(warden)
    client, path = signed(secretary_east), f"/desk/letters/{letter.id}/decline/"
    assert client.post(path, {"reason": " "}).status_code == 422
    assert client.post(path, {"reason": "别的村已经收了"}).status_code == 302
    letter.refresh_from_db()
    assert (letter.settled_words, letter.settled_by) == ("别的村已经收了", secretary_east.name)


@pytest.mark.parametrize("text", ["not json", "[1]", '{"kind": "sing/1", "body": [1]}'])
def test_what_nobody_can_read_is_shown_to_the_county_as_it_came(
    signed, secretary_east, officer_county, data_officer, warden, text
):
    letter = _send(warden, text=text)
    assert letter.outcome == "quarantined"
    assert signed(secretary_east).get(f"/desk/letters/{letter.id}/").status_code == 404
    page = signed(officer_county).get(f"/desk/letters/{letter.id}/")
    assert page.status_code == 200
    client = signed(officer_county)
    assert client.post(f"/desk/letters/{letter.id}/sing/").status_code == 404
    assert client.post(f"/desk/letters/{letter.id}/again/").status_code == 422


ODD = json.dumps({"kind": "nonsense/1", "device_seq": 1, "place": cast.EAST_GRID_2,
                  "captured_at": "2026-11-23T09:41:00+08:00", "body": {}})  # fmt: skip


def test_letters_filter_by_outcome_and_place_and_come_in_the_order_asked_for(
    signed, officer_county, warden, member
):
    held, odd = _send(warden), _send(member, text=ODD)
    Letter.objects.filter(id=odd.id).update(received_at=cast.NOON + timedelta(hours=1))
    assert (held.outcome, odd.outcome) == ("held", "quarantined")
    assert held.place_id != odd.place_id
    client = signed(officer_county)

    def seen(**query):
        return [row.id for row, _, _ in client.get("/desk/letters/", query).context["rows"]]

    assert seen() == [held.id, odd.id]
    assert seen(order="-received") == [odd.id, held.id]
    assert seen(outcome="held") == [held.id]
    assert seen(outcome="quarantined") == [odd.id]
    assert seen(outcome="stored", order="x") == [held.id, odd.id]
    assert seen(place=held.place_id) == [held.id]
    assert seen(place=cast.EAST) == [held.id]  # what cannot be read is the county's
    assert seen(place=odd.place_id) == [held.id, odd.id]


def test_letters_filtered_by_the_next_village_are_refused(signed, secretary_west, warden):
    letter = _send(warden)
    client = signed(secretary_west)
    assert client.get("/desk/letters/", {"place": cast.EAST}).status_code == 404
    assert client.get("/desk/letters/", {"place": letter.place_id}).status_code == 404
