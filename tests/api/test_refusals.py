"""Bad requests: always a problem document with a stable code, never a 500, never a loss."""

import gzip
import hashlib
import json
import zlib

import pytest

from lianhu.accounts.actions.devices import revoke_device
from lianhu.letters.models import Letter
from tests import cast
from tests.api.client import Phone, phone_of, problem_of
from tests.letters.helpers import incoming, text_of, wire
from tests.letters.rescue_file import half, picture
from tests.media.test_media import jpeg

LETTERS = "/api/phone/letters"
SHA = "a" * 64


@pytest.fixture
def phone(warden, household):
    return phone_of(warden)


def _refused(response):
    return problem_of(response)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/phone/me"),
        ("GET", "/api/phone/enrolment"),
        ("GET", "/api/phone/mine"),
        ("GET", f"/api/phone/parcels/{cast.EAST_GRID}"),
        ("POST", "/api/phone/parcels"),
        ("POST", LETTERS),
        ("POST", "/api/phone/half"),
        ("PUT", f"/api/phone/media/{SHA}"),
    ],
)
@pytest.mark.parametrize(
    "auth", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"},
             {"Authorization": "Bearer"}, {"Authorization": "Bearer \x00é"}],
)  # fmt: skip
def test_without_a_known_device_401(phone, method, path, auth):
    response = phone.client.generic(
        method, path, b"{}", content_type="application/json", headers=auth
    )
    assert _refused(response) == (401, "device.unknown")


def test_a_revoked_device_401(secretary_east, warden):
    device, credential = cast.make_device(warden)
    phone = Phone(credential)
    assert phone.get("me").status_code == 200
    revoke_device(secretary_east, device.id, at=cast.NOON)
    for response in (phone.get("me"), phone.post("letters", {"letters": [wire(incoming())]})):
        assert _refused(response) == (401, "device.unknown")
    assert Letter.objects.count() == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", LETTERS),
        ("DELETE", LETTERS),
        ("PUT", "/api/phone/me"),
        ("POST", "/api/phone/me"),
        ("GET", "/api/phone/enrol"),
        ("DELETE", f"/api/phone/media/{SHA}"),
        ("PATCH", "/api/phone/parcels"),
        ("TRACE", "/api/phone/me"),
        ("NONSENSE", "/api/phone/me"),
    ],
)
def test_a_wrong_method_405(phone, method, path):
    response = phone.call(method, path)
    assert _refused(response) == (405, "request.wrong_method")
    assert response["Allow"]


def test_no_such_path_404(phone):
    assert _refused(phone.get("nothing")) == (404, "request.no_such_path")
    assert _refused(phone.call("GET", "/api/")) == (404, "request.no_such_path")


NO_JSON = [b"", b"garbage", b'{"letters": [', b"\xff\xfe\x00", b"\x00", b'{"letters":' * 60_000,
           b"[" * 100_000, b'{"letters": NaN}', b'{"letters": ' + b"9" * 5000 + b"}",
           "{}".encode("utf-16")]  # fmt: skip


@pytest.mark.parametrize("number", range(len(NO_JSON)))
def test_a_body_that_is_no_json(phone, number):
    for path in ("letters", "parcels", "enrol"):
        status, code = _refused(phone.post(path, NO_JSON[number]))
        assert (status, code) in {
            (400, "request.unreadable"), (413, "letters.too_many"), (422, "request.bad_fields"),
        }  # fmt: skip


GOOD = wire(incoming())
BAD_LETTERS = [
    None, [], {}, "letters", 1, {"letters": []}, {"letters": {}}, {"letters": [None]},
    {"letters": ["x"]}, {"letters": [[]]}, {"letters": [{}]},
    *({"letters": [GOOD | {key: value}]} for key, value in [
        ("id", "x"), ("id", 1), ("id", None), ("id", "\x00"), ("sha256", "A" * 64),
        ("sha256", "a" * 63), ("sha256", None), ("text", None), ("text", 1), ("text", {}),
        ("text", ""), ("media", "x"), ("media", [1]), ("media", ["../../etc/passwd"]),
        ("media", [SHA] * 10), ("media", {}),
    ]),
    *({"letters": [{k: v for k, v in GOOD.items() if k != key}]} for key in ("id", "sha256", "text")),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(BAD_LETTERS)))
def test_letters_with_wrong_fields_422_name_the_fields(phone, number):
    response = phone.post("letters", json.dumps(BAD_LETTERS[number]).encode())
    assert _refused(response) == (422, "request.bad_fields")
    assert Letter.objects.count() == 0


def test_one_envelope_without_hash_does_not_hide_what_is_wrong(phone):
    response = phone.post("letters", {"letters": [GOOD, {"id": GOOD["id"]}]})
    assert any("sha256" in field for field in response.json()["fields"])


def test_a_lone_surrogate_in_the_envelope_is_no_crash(phone):
    body = json.dumps({"letters": [GOOD | {"text": "\ud800"}]}).encode()
    assert b"\\ud800" in body
    response = phone.post("letters", body)
    assert response.status_code in {200, 422}
    if response.status_code == 200:
        assert response.json()["results"][0]["outcome"] == "retry"


def test_21_letters_413_and_20_go(phone):
    letters = [wire(incoming()) for _ in range(21)]
    assert _refused(phone.post("letters", {"letters": letters})) == (413, "letters.too_many")
    assert Letter.objects.count() == 0
    response = phone.post("letters", {"letters": letters[:20]})
    assert [r["outcome"] for r in response.json()["results"]] == ["stored"] * 20


@pytest.mark.parametrize("size", [257 * 1024, 3 * 1024 * 1024])
def test_too_many_bytes_413(phone, size):
    body = {"letters": [wire(incoming("x" * size))]}
    assert _refused(phone.post("letters", body)) == (413, "letters.too_many")
    assert Letter.objects.count() == 0


def test_a_gzipped_body_is_read_as_if_it_were_plain(phone):
    letter = incoming()
    body = gzip.compress(json.dumps({"letters": [wire(letter)]}).encode())
    response = phone.post("letters", body, Content_Encoding="gzip")
    assert [r["outcome"] for r in response.json()["results"]] == ["stored"]
    assert phone.letters(letter)[0]["outcome"] == "stored"


BROKEN = [b"", b"garbage", gzip.compress(b"{}")[:-12], gzip.compress(b"{}")[:5],
          zlib.compress(b"{}"), gzip.compress(b'{"letters": []}') + b"tail"]  # fmt: skip


@pytest.mark.parametrize("number", range(len(BROKEN)))
def test_a_broken_gzip_is_refused(phone, number):
    status, code = _refused(phone.post("letters", BROKEN[number], Content_Encoding="gzip"))
    assert (status, code) in {
        (400, "request.bad_encoding"), (400, "request.unreadable"), (422, "request.bad_fields"),
    }  # fmt: skip


def test_a_gzip_cut_short_is_never_taken_for_whole(phone):
    body = gzip.compress(json.dumps({"letters": [wire(incoming())]}).encode())
    for cut in (1, 4, 8):
        response = phone.post("letters", body[:-cut], Content_Encoding="gzip")
        assert _refused(response) == (400, "request.bad_encoding")


def test_a_gzip_bomb_413(phone):
    bomb = gzip.compress(b" " * 200 * 1024 * 1024)
    response = phone.post("letters", bomb, Content_Encoding="gzip")
    assert _refused(response) == (413, "letters.too_many")


def test_the_size_counts_unpacked(phone):
    body = gzip.compress(json.dumps({"letters": [wire(incoming("x" * 300_000))]}).encode())
    response = phone.post("letters", body, Content_Encoding="gzip")
    assert _refused(response) == (413, "letters.too_many")


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "nonsense"])
def test_another_encoding_is_refused(phone, encoding):
    body = json.dumps({"letters": [wire(incoming())]}).encode()
    response = phone.post("letters", body, Content_Encoding=encoding)
    assert _refused(response) == (415, "request.bad_encoding")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
             "application/json; charset=utf-16", ""],
)  # fmt: skip
def test_another_content_type_is_a_problem_or_read_as_json(phone, kind):
    body = json.dumps({"letters": [wire(incoming())]}).encode()
    response = phone.post("letters", body, content_type=kind)
    if response.status_code != 200:
        assert _refused(response)[0] in {400, 415, 422}


@pytest.mark.parametrize(
    "grid",
    [cast.WEST_GRID, cast.EAST_FAR_GRID, cast.EAST, "610921", "x", "abc'--", "6109211042000300²",
     "9" * 17, "9" * 400, "%00", "..", "６１０９２１１０４２０００３００２"],
)  # fmt: skip
def test_a_parcel_of_another_grid_404(phone, grid):
    status, code = _refused(phone.get(f"parcels/{grid}"))
    assert (status, code) in {
        (404, "place.not_found"), (404, "request.no_such_path"), (400, "request.bad"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "ask",
    [None, [], {}, {"have": []}, {"have": {"x": 1}}, {"have": {cast.EAST_GRID: "x"}},
     {"have": {cast.EAST_GRID: -1}}, {"have": {cast.EAST_GRID: 2**63}}, {"have": {}, "mine": "x"},
     {"have": {}, "more": 1}, {"have": {f"{n:017d}": 1 for n in range(401)}},
     {"have": {}, "catalogue": "x" * 81}, {"have": {cast.EAST_GRID: 1e400}}],
)  # fmt: skip
def test_a_pull_with_wrong_fields_422(phone, ask):
    assert _refused(phone.post("parcels", json.dumps(ask).encode())) == (
        422,
        "request.bad_fields",
    )


@pytest.mark.parametrize(
    ("ask", "status", "code"),
    [
        ({"token": "unknown", "device_name": "红米"}, 401, "enrol.bad_token"),
        ({"token": "", "device_name": "红米"}, 422, "request.bad_fields"),
        ({"token": "x" * 401, "device_name": "红米"}, 422, "request.bad_fields"),
        ({"token": "x"}, 422, "request.bad_fields"),
        ({"token": "x", "device_name": 1}, 422, "request.bad_fields"),
        ({"token": "\x00", "device_name": "a\x00b"}, 422, "request.bad_fields"),
        ({"token": "x", "device_name": "y", "public_key": "\x00"}, 422, "request.bad_fields"),
        ({"token": "\ud800", "device_name": "红米"}, 422, "request.bad_fields"),
    ],
)
def test_enrol_refuses(places, ask, status, code):
    assert _refused(Phone().post("enrol", json.dumps(ask).encode())) == (status, code)


def test_enrol_is_throttled_by_address(places):
    phone = Phone()
    for _ in range(30):
        phone.post("enrol", {"token": "x", "device_name": "y"})
    response = phone.post("enrol", {"token": "x", "device_name": "y"})
    assert _refused(response) == (429, "throttled")
    assert int(response["Retry-After"]) > 0


MEDIA = f"/api/phone/media/{SHA}"


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        (MEDIA, {}, 422, "media.bad_hash"),
        ("/api/phone/media/x", {}, 422, "media.bad_hash"),
        ("/api/phone/media/" + "A" * 64, {}, 422, "media.bad_hash"),
        (MEDIA, {"Content_Range": "bytes 0-3/12000001"}, 413, "media.too_large"),
        (MEDIA, {"Content_Range": "bytes 4-7/8"}, 409, "media.gap"),
        *((MEDIA, {"Content_Range": text}, 422, "media.bad_range") for text in (
            "x", "bytes 0-4/8", "bytes 3-0/8", "bytes */8", "bytes 0-3/*", "items 0-3/8",
            "bytes -1-3/8", "bytes 0-3/8,4-7/8", "bytes ٠-٣/٨", "bytes 0-3/9999999999999")),
        (MEDIA, {"Content_Range": "bytes 0-3/2"}, 413, "media.too_large"),
    ],
)  # fmt: skip
def test_a_photo_part_with_wrong_marks(phone, media_folder, path, headers, status, code):
    assert _refused(phone.call("PUT", path, b"data", **headers)) == (status, code)


def test_a_photo_part_beyond_the_bodys_bound_413(phone, media_folder):
    body = b"x" * (2 * 1024 * 1024 + 1)
    response = phone.call("PUT", MEDIA, body, Content_Range=f"bytes 0-{len(body) - 1}/9000000")
    assert _refused(response) == (413, "media.too_large")


def test_an_unknown_host_is_a_problem_without_echo(phone):
    response = phone.client.get("/api/phone/me", headers=phone.auth | {"Host": "evil.example"})
    assert _refused(response)[0] == 400
    assert b"evil" not in response.content


def test_letters_of_unknown_kind_are_kept(phone):
    results = phone.letters(incoming(text_of("x/1")), incoming())
    assert [(r["outcome"], r.get("code")) for r in results] == [
        ("quarantined", "letter.unknown_kind"), ("stored", None),
    ]  # fmt: skip


def test_a_half_is_given_back_to_its_person_only(phone, warden, secretary_west):
    own = {"id": "p-1", "text": half(warden.id, "p-1", "字")}
    assert phone.post("half", own).json() == {"text": "字"}
    other = {"id": "p-1", "text": half(secretary_west.id, "p-1")}
    assert _refused(phone.post("half", other)) == (403, "sealed.of_another")


@pytest.mark.parametrize(
    "body",
    [{}, {"id": "p-1"}, {"id": "", "text": "{}"}, {"id": "p", "text": "x" * 2001},
     {"id": "p" * 41, "text": "{}"}, {"id": "\x00", "text": "{}"}, {"id": 1, "text": "{}"},
     {"id": "p", "text": "{}", "more": 1}],
)  # fmt: skip
def test_a_half_with_wrong_fields_422(phone, body):
    assert _refused(phone.post("half", body)) == (422, "request.bad_fields")


def test_anothers_sealed_photo_403(phone, secretary_west, media_folder):
    data = jpeg()
    name = hashlib.sha256(data).hexdigest()
    response = phone.call("PUT", f"/api/phone/media/{name}", picture(data, secretary_west.id))
    assert _refused(response) == (403, "media.of_another")
