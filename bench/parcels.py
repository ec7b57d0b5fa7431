"""Parcels over a slow link: a first parcel, a village's, "nothing new", one letter.

Workload: the demo county; a warden's phone and a village secretary's. Each figure is the median
of ten runs on a new connection (handshake counted), gzip on, first without and then with the
server's memory of parcels warm.
"""

import http.client
import json
import time
from typing import Any

from bench.letters import letter
from bench.link import SlowLink
from bench.report import percentile, tell
from bench.serving import County

RUNS = 10


class Phone:
    """Requests of one phone over the slow link, timed and weighed."""

    def __init__(self, link: SlowLink, credential: str) -> None:
        self.link, self.credential = link, credential

    def ask(self, method: str, path: str, body: object = None) -> tuple[float, int, Any]:
        """Seconds, bytes that came down, and the parsed answer of one request."""
        import gzip  # noqa: PLC0415 - only here

        self.link.counted.reset()
        line = http.client.HTTPConnection("127.0.0.1", self.link.port, timeout=60)
        headers = {
            "Authorization": f"Bearer {self.credential}",
            "Accept-Encoding": "gzip",
            "Content-Type": "application/json",
        }
        start = time.perf_counter()
        line.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = line.getresponse()
        raw = answer.read()
        took = time.perf_counter() - start
        line.close()
        if answer.getheader("Content-Encoding") == "gzip":
            raw = gzip.decompress(raw)
        return took, self.link.counted.down, json.loads(raw) if raw else None


def _median(runs: list[tuple[float, int, Any]]) -> dict[str, float]:
    return {
        "seconds": round(percentile([r[0] for r in runs], 0.5), 3),
        "bytes": int(percentile([r[1] for r in runs], 0.5)),
    }


def over_link(county: County) -> dict[str, Any]:
    """What the phones of a served county wait for, and how many bytes come down."""
    warden, secretary = county.enrol("warden"), county.enrol("secretary")
    with SlowLink(county.port) as link:
        near, chief = Phone(link, warden), Phone(link, secretary)
        me = near.ask("GET", "/api/phone/me")[2]
        grid = next(iter(me["grids"]))
        cold = near.ask("GET", f"/api/phone/parcels/{grid}")
        found: dict[str, Any] = {"first_parcel_cold": _median([cold])}
        found["first_parcel"] = _median(
            [near.ask("GET", f"/api/phone/parcels/{grid}") for _ in range(RUNS)]
        )
        catalogue = chief.ask("POST", "/api/phone/parcels", {"have": {}})[2]
        etag = catalogue["catalogue"]["etag"]
        whole = [
            chief.ask("POST", "/api/phone/parcels", {"have": {}, "catalogue": etag})
            for _ in range(RUNS)
        ]
        found["village_grids"] = len(whole[0][2]["parcels"])
        found["village"] = _median(whole)
        have = {
            "have": whole[0][2]["grids"],
            "mine": whole[0][2]["mine"]["version"],
            "catalogue": etag,
        }
        found["nothing_new_village"] = _median(
            [chief.ask("POST", "/api/phone/parcels", have) for _ in range(RUNS)]
        )
        home = cold[2]["households"][0]["id"]
        posts = []
        for number in range(RUNS):
            batch = {"letters": [letter(number, grid, home)]}
            posts.append(near.ask("POST", "/api/phone/letters", batch))
        found["one_letter"] = _median(posts)
    return found


def run(kind: str, scale: float) -> dict[str, Any]:
    """All figures on one kind of database."""
    with County(kind, scale=scale) as county:
        return over_link(county.serve())


def main(*, as_json: bool) -> None:
    """`lianhu bench parcels`."""
    link = {"round_trip_ms": 100, "down_mbit": 4, "up_mbit": 1, "runs": RUNS}
    figures = {kind: run(kind, 0.05) for kind in ("postgres", "sqlite")}
    tell("parcels", link | figures, as_json=as_json)
