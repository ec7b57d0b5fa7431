"""The main job through a real server and a plain HTTP client, and many at once."""

import gzip
import hashlib
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import quote

import pytest

from tests import cast
from tests.api.served import Served, serve
from tests.letters.helpers import REPORT, incoming, text_of, wire
from tests.media.test_media import jpeg

EIGHT = 8
CANARY = "金丝雀桥头的垃圾堆"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory):
    """A server of this module's own."""
    server = serve(tmp_path_factory.mktemp("served"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def credential(served: Served) -> str:
    return served.enrol("warden")


def _send(served, credential, *letters):
    """As a phone does: who is asked to come back on a busy machine does so, twice at the most."""
    for _ in range(3):
        answer = served.call(
            "POST", "/api/phone/letters", {"letters": [wire(i) for i in letters]}, credential
        )
        if answer.status != 503:
            break
        time.sleep(int(answer.headers["retry-after"]))
    assert answer.status == 200, answer.body
    return answer.json["results"]


def _at_once(call):
    """What eight threads get that call at the same moment."""
    start = Barrier(EIGHT)

    def go(number):
        start.wait()
        return call(number)

    with ThreadPoolExecutor(EIGHT) as pool:
        return list(pool.map(go, range(EIGHT)))


def test_the_main_job_from_report_to_rating(served, credential):
    me = served.call("GET", "/api/phone/me", credential=credential).json
    assert set(me["grids"]) == {cast.EAST_GRID}
    assert me["person"] == {"name": "陈户长", "roles": ["中心户长"]}
    parcel = served.call("GET", f"/api/phone/parcels/{cast.EAST_GRID}", credential=credential)
    assert parcel.headers["etag"] == f'"{me["epoch"]}.{me["grids"][cast.EAST_GRID]}"'
    assert [h["head"] for h in parcel.json["households"]] == ["刘武林"]
    photo = jpeg()
    name = hashlib.sha256(photo).hexdigest()
    letter = incoming(
        text_of(**(REPORT | {"words": CANARY, "household_id": str(cast.EXAMPLE_HOUSEHOLD)})),
        media=(name,),
    )
    (stored,) = _send(served, credential, letter)
    assert (stored["id"], stored["sha256"], stored["outcome"]) == (
        str(letter.id), letter.sha256, "stored",
    )  # fmt: skip
    half = len(photo) // 2
    path, total = f"/api/phone/media/{name}", len(photo)
    part = served.call(
        "PUT", path, photo[:half], credential, Content_Range=f"bytes 0-{half - 1}/{total}"
    )
    assert (part.status, part.json) == (202, {"received": half})
    head = served.call("HEAD", path, credential=credential)
    assert (head.status, head.headers["upload-offset"]) == (200, str(half))
    whole = served.call(
        "PUT", path, photo[half:], credential, Content_Range=f"bytes {half}-{total - 1}/{total}"
    )
    assert (whole.status, whole.json) == (201, {"media_ok": True})
    people = served.seeds["people"]
    served.office("handle", people["secretary"], people["town"], str(letter.id))
    pulled = served.call(
        "POST", "/api/phone/parcels", {"have": me["grids"], "mine": me["mine"]}, credential
    ).json
    (matter,) = pulled["parcels"][0]["matters"]
    assert (matter["ref"], matter["stage"], matter["answer"]["words"]) == (
        stored["ref"], "closed", "垃圾已清走",
    )  # fmt: skip
    assert pulled["mine"]["matters"][0]["mine"] is True
    rate = incoming(text_of("matter.rate/1", ref=stored["ref"], score=5))
    assert _send(served, credential, rate)[0]["outcome"] == "stored"
    assert _send(served, credential, letter) == [stored]
    again = served.call("GET", f"/api/phone/parcels/{cast.EAST_GRID}", credential=credential)
    assert again.json["matters"][0]["rating"]["score"] == 5
    unchanged = served.call(
        "GET", f"/api/phone/parcels/{cast.EAST_GRID}", credential=credential,
        If_None_Match=again.headers["etag"],
    )  # fmt: skip
    assert (unchanged.status, unchanged.body) == (304, b"")


def test_nothing_new_is_one_small_answer(served, credential):
    asked = {"have": {}, "mine": None}
    first = served.call("POST", "/api/phone/parcels", asked, credential).json
    asked = {"have": first["grids"], "mine": first["mine"]["version"],
             "catalogue": first["catalogue"]["etag"]}  # fmt: skip
    nothing = served.call(
        "POST", "/api/phone/parcels", asked, credential, Accept_Encoding="gzip"
    )
    body = gzip.decompress(nothing.body) if nothing.body[:2] == b"\x1f\x8b" else nothing.body
    assert json.loads(body)["parcels"] == []
    assert len(nothing.body) < 1024


def test_the_same_letter_from_eight_threads_counts_once(served, credential):
    before = served.office("count")
    letter = incoming()
    results = _at_once(lambda _: _send(served, credential, letter))
    assert {r[0]["outcome"] for r in results} == {"stored"}
    assert len({r[0]["ref"] for r in results}) == 1
    after = served.office("count")
    assert {k: after[k] - before[k] for k in after} == {
        "letters": 1, "pending": 0, "matters": 1, "steps": 1, "reports": 1, "devices": 0,
        "version": 1,
    }  # fmt: skip


def test_eight_phones_at_once_all_get_an_answer(served, credential):
    before = served.office("count")
    batches = [[incoming() for _ in range(5)] for _ in range(EIGHT)]
    results = _at_once(lambda n: _send(served, credential, *batches[n]))
    assert [r["outcome"] for batch in results for r in batch] == ["stored"] * 40
    after = served.office("count")
    assert after["matters"] - before["matters"] == 40
    assert after["pending"] == 0
    assert after["version"] > before["version"]


def test_the_same_id_with_eight_hashes_makes_one_matter(served, credential):
    first = incoming()
    letters = [
        incoming(text_of(**(REPORT | {"words": f"第{n}件事"})), first.id) for n in range(EIGHT)
    ]
    results = [r[0] for r in _at_once(lambda n: _send(served, credential, letters[n]))]
    assert sorted(r["outcome"] for r in results) == ["quarantined"] * 7 + ["stored"]
    assert {r.get("code") for r in results} == {None, "letter.id_taken"}


def test_a_token_used_by_eight_phones_at_once_enrols_one(served):
    before = served.office("count")
    asked = {"token": served.seeds["tokens"]["spare"], "device_name": "手机"}
    answers = _at_once(lambda _: served.call("POST", "/api/phone/enrol", asked))
    assert sorted(a.status for a in answers) == [200] + [401] * 7
    assert served.office("count")["devices"] - before["devices"] == 1


def test_two_secretaries_at_once_accept_once(served, credential):
    letter = incoming()
    _send(served, credential, letter)
    people = served.seeds["people"]
    raced = served.office(
        "race", "accept", people["secretary"], people["second"], str(letter.id)
    )
    assert raced["ended"] == ["done"] + ["matter.cannot_accept"] * 7


def test_two_people_at_once_rate_once(served, credential):
    letter = incoming()
    _send(served, credential, letter)
    people = served.seeds["people"]
    served.office("handle", people["secretary"], people["town"], str(letter.id))
    raced = served.office("race", "rate", people["warden"], people["second"], str(letter.id))
    assert raced["ended"] == ["done"] + ["matter.rated_already"] * 7


def test_the_west_sees_nothing_of_it(served):
    west = served.enrol("west")
    me = served.call("GET", "/api/phone/me", credential=west).json
    assert set(me["grids"]) == {cast.WEST_GRID}
    for grid in (cast.EAST_GRID, cast.EAST):
        assert served.call("GET", f"/api/phone/parcels/{grid}", credential=west).status == 404
    asked = {"have": {cast.EAST_GRID: 1}}
    pulled = served.call("POST", "/api/phone/parcels", asked, west)
    assert pulled.json["gone"] == [cast.EAST_GRID]
    assert CANARY not in pulled.body.decode()


def test_refusals_on_the_wire_are_problem_documents(served, credential):
    for method, path, body, status in (
        ("GET", "/api/phone/me", None, 401),
        ("GET", "/api/nothing", None, 404),
        ("DELETE", "/api/phone/letters", None, 405),
        ("POST", "/api/phone/letters", b"{", 401),
    ):
        answer = served.call(method, path, body)
        assert answer.status == status
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.json["code"]
    bomb = gzip.compress(b" " * 50 * 1024 * 1024)
    packed = served.call(
        "POST", "/api/phone/letters", bomb, credential, Content_Encoding="gzip"
    )
    assert (packed.status, packed.json["code"]) == (413, "letters.too_many")
    large = served.call("POST", "/api/phone/letters", b"x" * (4 * 1024 * 1024), credential)
    assert (large.status, large.json["code"]) == (413, "letters.too_many")
    stranger = served.call("POST", "/api/phone/letters", b"x" * (1024 * 1024))
    assert (stranger.status, stranger.json["code"]) == (401, "device.unknown")


def test_the_log_holds_nothing_personal(served, credential):
    """Runs last: the log of all that went before, crashes and refusals included."""
    served.call("GET", f"/follow/{quote(CANARY)}/", credential=credential)
    served.call("GET", f"/api/phone/me?name={quote(CANARY)}")
    log = served.log()
    assert '"event": "request"' in log
    for secret in (
        CANARY,
        "刘武林",
        "陈户长",
        "13800",
        "999321",
        credential,
        "垃圾",
        str(cast.EXAMPLE_HOUSEHOLD),
    ):
        assert secret not in log
    assert "Traceback" not in log


def test_uploads_that_stall_stop_nobody_else(served, credential):
    """More of them than requests are served at once by all processes."""
    stalled = []
    for _ in range(EIGHT):
        line = socket.create_connection(("127.0.0.1", served.port))
        head = (
            f"PUT /api/phone/media/{'a' * 64} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {credential}\r\nContent-Length: 500000\r\n\r\n"
        )
        line.sendall(head.encode() + b"x" * 1000)
        stalled.append(line)
    try:
        assert served.call("GET", "/api/phone/me", credential=credential).status == 200
        assert _send(served, credential, incoming())[0]["outcome"] == "stored"
    finally:
        for line in stalled:
            line.close()
