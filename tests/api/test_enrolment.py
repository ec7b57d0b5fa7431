"""Enrolling, waiting for the desk and renewing a credential, as a phone says it by HTTP."""

import json
from pathlib import Path

import fastjsonschema
import pytest
from django.utils import timezone

from lianhu.accounts.actions.confirming import confirm_device
from lianhu.accounts.actions.devices import issue_token, make_enrol_token
from lianhu.accounts.models import Device, User
from tests import cast
from tests.accounts.signing import Key, fresh
from tests.api.client import Phone, problem_of
from tests.letters.helpers import incoming, wire

SCHEMA = json.loads((Path(__file__).parents[2] / "contracts/answers.schema.json").read_text())


def _fits(definition, message):
    fastjsonschema.validate({**SCHEMA, "$ref": f"#/definitions/{definition}"}, message)
    return message


def _enrol(token, **more):
    asked = {"token": token, "device_name": "红米"} | more
    _fits("EnrolAsk", asked)
    response = Phone().post("enrol", asked)
    assert response.status_code == 200, response.content
    return _fits("EnrolAnswer", response.json())


def test_a_client_that_knows_the_fixed_contract_only_works_at_once(warden, household):
    user = User.objects.get(id=warden.id)
    for key in ({}, {"public_key": "anything"}):
        told = _enrol(issue_token(user, made_by=user.id, at=timezone.now()), **key)
        assert set(told) == {"device_id", "credential"}
        phone = Phone(told["credential"])
        assert phone.get("me").status_code == 200
        assert phone.letters(incoming())[0]["outcome"] == "stored"


def test_a_whole_town_enrols_behind_one_address(warden, household):
    user = User.objects.get(id=warden.id)
    for _ in range(40):
        _enrol(issue_token(user, made_by=user.id, at=timezone.now()))
    for _ in range(30):
        Phone().post("enrol", {"token": "x", "device_name": "y"})
    refused = Phone().post("enrol", {"token": "x", "device_name": "y"})
    assert problem_of(refused) == (429, "throttled")


def test_a_waiting_phone_may_ask_whether_it_is_confirmed_and_nothing_else(
    secretary_east, warden, household
):
    told = _enrol(make_enrol_token(secretary_east, warden.id, at=timezone.now()))
    phone = Phone(told["credential"])
    waits = _fits("Enrolment", phone.get("enrolment").json())
    assert waits == {"confirmed": False, "confirm": told["confirm"]}
    sha = "a" * 64
    for response in (
        phone.get("me"), phone.get("mine"), phone.get(f"parcels/{cast.EAST_GRID}"),
        phone.post("parcels", {"have": {}}), phone.post("letters", {"letters": [wire(incoming())]}),
        phone.call("PUT", f"/api/phone/media/{sha}", b"x"),
    ):  # fmt: skip
        assert problem_of(response) == (403, "device.unconfirmed")
    confirm_device(secretary_east, Device.objects.get().id, at=timezone.now())
    assert phone.get("enrolment").json()["confirmed"] is True
    assert phone.get("me").status_code == 200


def _renew(device, key, successor, auth="", **more):
    challenge = Phone().post("challenge", {"device_id": device}).json()["challenge"]
    sent = key.renew(device, challenge, successor)
    asked = {
        "device_id": device, "challenge": challenge, "next": successor, "proof": sent["proof"],
    } | more  # fmt: skip
    _fits("RenewAsk", asked)
    return Phone(auth).post("credential", asked)


def test_a_phone_renews_by_its_key_and_brings_one_it_had_not(warden, household):
    user, key = User.objects.get(id=warden.id), Key()
    token = issue_token(user, made_by=user.id, at=timezone.now())
    told = _enrol(token, **key.enrol(token))
    assert Phone(told["credential"]).get("me").json()["renew"] is False
    new, successor = fresh()
    answer = _renew(told["device_id"], key, successor)
    assert _fits("RenewAnswer", answer.json()) == {"taken": successor}
    assert Phone(new).get("me").status_code == 200

    device, credential = cast.make_device(warden, at=timezone.now())
    phone, other = Phone(credential), Key()
    assert phone.post("parcels", {"have": {}}).json()["renew"] is True
    present = bytes(Device.objects.get(id=device.id).credential).hex()
    bring = {"public_key": other.public}
    assert problem_of(_renew(str(device.id), other, present, **bring)) == (
        401,
        "device.unknown",
    )
    assert _renew(str(device.id), other, present, credential, **bring).status_code == 200
    assert phone.get("me").json()["renew"] is False


@pytest.mark.parametrize("proof", ["AAAA", "字", "?"])
def test_a_wrong_proof_is_refused_in_words(warden, proof):
    device, credential = cast.make_device(warden, at=timezone.now())
    asked = {
        "device_id": str(device.id), "challenge": "x", "next": "a" * 64, "proof": proof,
        "public_key": Key().public,
    }  # fmt: skip
    response = Phone(credential).post("credential", asked)
    assert problem_of(response) == (403, "device.bad_proof")


def test_a_challenge_tells_nothing_of_a_phone(warden):
    device, _ = cast.make_device(warden)
    unknown = "019364c0-0000-7b11-9a3c-2f7d8e6b5a41"
    answers = [Phone().post("challenge", {"device_id": d}) for d in (str(device.id), unknown)]
    assert {a.status_code for a in answers} == {200}
    assert len({len(a.content) for a in answers}) == 1
