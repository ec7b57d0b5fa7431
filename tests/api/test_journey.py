"""The main job by plain HTTP alone: no browser, no action called, a served demo county."""

import gzip
import hashlib
import io
import json
import re
import urllib.request
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from PIL import Image

from bench.serving import County
from tests.api.plain import Visitor

WORDS = "水沟被石头堵住了，一下雨路上全是泥。"
ANSWER = "石头已经清走，水沟通了。"


@pytest.fixture(scope="module")
def county() -> Iterator[County]:
    sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    with County("sqlite" if sqlite else "postgres", scale=0.01, days=60) as found:
        yield found.serve()


def _call(
    county: County, credential: str, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, Any]:
    """Status and JSON of one request of a phone."""
    sent = {"Authorization": f"Bearer {credential}", "Content-Type": "application/json"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(county.url + path, body or None, sent, method=method)  # noqa: S310 - ours
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - ours
        read = answer.read()
        if answer.headers.get("Content-Encoding") == "gzip":
            read = gzip.decompress(read)
        return answer.status, json.loads(read)


def _letter(grid: str, photo: str) -> dict[str, Any]:
    """A report as a phone writes it."""
    text = json.dumps(
        {
            "kind": "matter.report/1", "device_seq": 1, "place": grid,
            "captured_at": datetime.now(UTC).isoformat(),
            "body": {"category": "environment", "words": WORDS, "visibility": "ordinary"},
        },
        ensure_ascii=False,
    )  # fmt: skip
    return {
        "id": str(uuid.UUID(int=uuid.uuid4().int, version=4)),
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "text": text,
        "media": [photo],
    }


def _photo() -> bytes:
    content = io.BytesIO()
    Image.effect_noise((320, 240), 40).convert("RGB").save(content, "JPEG")
    return content.getvalue()


def _office(county: County, account: str) -> Visitor:
    """An officer who came in through the demo door."""
    visitor = Visitor(county.url)
    visitor.send("/demo/", "/demo/sign-in", account=account)
    return visitor


def _matter(visitor: Visitor) -> str:
    """The path of the one matter of this test, as the inbox lists it."""
    page = visitor.get("/desk/matters/?queue=under&state=all&order=-received")
    found = re.findall(
        r'<a class="title" href="(/desk/matters/[0-9a-f-]+/)[^"]*">([^<]*)', page
    )
    mine = {path for path, title in found if title.startswith(WORDS[:8])}
    assert len(mine) == 1, found[:5]
    return mine.pop()


def test_a_matter_travels_by_plain_http_from_report_to_rating(county: County) -> None:
    credential = county.enrol("warden")
    _, me = _call(county, credential, "GET", "/api/phone/me")
    grid = min(me["grids"])
    assert len(grid) == 17

    photo = _photo()
    name = hashlib.sha256(photo).hexdigest()
    letter = _letter(grid, name)
    sent = json.dumps({"letters": [letter]}).encode()
    results = [
        _call(county, credential, "POST", "/api/phone/letters", sent)[1]["results"]
        for _ in range(2)  # the answer to the first was lost on the way
    ]
    assert results[0] == results[1]
    ((stored,), _) = results
    assert (stored["id"], stored["outcome"]) == (letter["id"], "stored")
    whole = f"bytes 0-{len(photo) - 1}/{len(photo)}"
    status, put = _call(
        county, credential, "PUT", f"/api/phone/media/{name}", photo, Content_Range=whole
    )
    assert (status, put) == (201, {"media_ok": True})

    secretary, town = _office(county, "secretary"), _office(county, "town")
    matter = _matter(secretary)
    secretary.send(matter, "/accept/")
    page = secretary.send(matter, "/dispatch/", words="请镇上派人", to="610921104:environment")
    assert f"{matter}photos/{name}" in page
    assert secretary.status(f"{matter}photos/{name}/") == 200
    town.send(matter, "/handle/", words="明早去看")
    page = town.send(matter, "/answer/", words=ANSWER)
    assert not any(form.action.endswith("/verify/") for form in town.forms(matter))
    assert stored["ref"] not in page, "whose work is rated is not told the code"
    secretary.send(matter, "/verify/", words="去看过了")
    secretary.send(matter, "/close/")

    resident, follow = Visitor(county.url), f"/follow/{stored['ref']}/"
    assert ANSWER in resident.get(follow)
    assert "5 分" in resident.send(follow, "/rate/", score="5", words="办得快")
    assert "评 5 分" in secretary.get(matter)

    _, now = _call(county, credential, "GET", "/api/phone/me")
    assert now["grids"][grid] > me["grids"][grid]
    _, parcel = _call(county, credential, "GET", f"/api/phone/parcels/{grid}")
    (told,) = [m for m in parcel["matters"] if m["words"] == WORDS]
    assert (told["ref"], told["answer"]["words"], told["rating"]["score"]) == (
        stored["ref"], ANSWER, 5,
    )  # fmt: skip
