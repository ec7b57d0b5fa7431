"""Desk pages with row scope on, for every role, at 1x, 3x and 10x the county's matters.

Workload: the whole demo county (40,000 matters); each role signs in through the demo door and
asks for home, its inbox queues, filtered, sorted and searched lists, over one connection, 30 times
after two for warmth. The three sizes are served side by side and asked in turn, request by request,
so that a busy moment of the machine slows all three: the goal is set for the p95 of every role and
page at 1x, and the ratio of medians shows the growth. Baseline: /healthz in the same run (one
trivial query). A page that shows more rows at 10x than at 1x is held apart: it grew for another
reason.
"""

import http.client
import re
import time
import urllib.parse
from typing import Any

from bench.growing import three_sizes
from bench.report import percentile, tell
from bench.serving import County

ROLES = ("secretary", "supervisor", "town", "county", "leader", "data")
PATHS = {
    "home": "/desk/",
    "mine": "/desk/matters/?queue=mine",
    "under": "/desk/matters/?queue=under",
    "all newest": "/desk/matters/?queue=under&state=all&order=-received",
    "late": "/desk/matters/?queue=under&late=late",
    "kind": "/desk/matters/?queue=under&state=all&top=environment&order=-received",
    "search": "/desk/matters/?queue=under&state=all&words=" + urllib.parse.quote("垃圾"),
    "page 9": "/desk/matters/?queue=under&state=all&order=-received&page=9",
}
TIMES = 30
GOAL_MS, GROWTH = 100, 1.3


class Desk:
    """One signed-in browser without the browser."""

    def __init__(self, county: County, account: str) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", county.port, timeout=120)
        self.origin = county.url
        self.post(
            "/demo/sign-in", {"account": account, "csrfmiddlewaretoken": self.token("/demo/")}
        )

    def token(self, path: str) -> str:
        """What the forms of a page send with them."""
        page = self.get(path)[1].decode()
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        return found[1] if found else ""

    def post(self, path: str, fields: dict[str, str]) -> tuple[int, bytes]:
        """Status and body of what a form is answered."""
        self.line.request(
            "POST", path, urllib.parse.urlencode(fields),
            {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self.cookies,
             "Origin": self.origin},
        )  # fmt: skip
        answer = self.line.getresponse()
        body = answer.read()
        self._keep(answer)
        return answer.status, body

    cookies = ""

    def _keep(self, answer: http.client.HTTPResponse) -> None:
        for line in answer.msg.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            value = rest.split(";")[0]
            others = [c for c in self.cookies.split("; ") if c and not c.startswith(f"{name}=")]
            self.cookies = "; ".join([*others, f"{name}={value}"])

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        """Status and body of a page."""
        self.line.request("GET", path, headers={"Cookie": self.cookies} | (headers or {}))
        answer = self.line.getresponse()
        body = answer.read()
        self._keep(answer)
        return answer.status, body

    def time(self, path: str) -> tuple[float, int]:
        """Milliseconds of one request, and how many rows of tables the page shows; raises when it
        is no page."""
        start = time.perf_counter()
        status, body = self.get(path)
        taken = (time.perf_counter() - start) * 1000
        if status not in {200, 403, 404}:
            raise RuntimeError(f"{path}: {status}")
        return taken, body.count(b"<tr")


Figures = dict[str, dict[str, dict[str, float]]]  # by county, by role and page


def measure(counties: dict[str, County]) -> Figures:
    """Median, p95 and rows shown, by county and by role and page: served counties, asked in turn."""
    found: Figures = {size: {} for size in counties}
    for role in ROLES:
        desks = {size: Desk(county, role) for size, county in counties.items()}
        for name, path in PATHS.items():
            _beside(found, desks, f"{role} {name}", path)
    desks = {size: Desk(county, "county") for size, county in counties.items()}
    _beside(found, desks, "healthz", "/healthz")
    return found


def _beside(found: Figures, desks: dict[str, Desk], name: str, path: str) -> None:
    timed: dict[str, list[tuple[float, int]]] = {size: [] for size in desks}
    for _ in range(TIMES + 2):
        for size, desk in desks.items():
            timed[size].append(desk.time(path))
    for size, figures in timed.items():
        taken = [milliseconds for milliseconds, _ in figures[2:]]
        found[size][name] = {
            "p50": round(percentile(taken, 0.5), 1),
            "p95": round(percentile(taken, 0.95), 1),
            "rows": figures[-1][1],
        }


def _slowest(figures: dict[str, dict[str, float]]) -> dict[str, list[Any]]:
    """For each page the role that waits longest, with its median and p95."""
    found: dict[str, list[Any]] = {}
    for page in PATHS:
        role = max(ROLES, key=lambda r: figures[f"{r} {page}"]["p95"])
        figure = figures[f"{role} {page}"]
        found[page] = [role, figure["p50"], figure["p95"]]
    return found


def _summary(found: dict[str, Any]) -> dict[str, Any]:
    """What the goals are held against."""
    one = found["1x"]
    growth = {
        name: [round(found[size][name]["p50"] / one[name]["p50"], 2) for size in ("3x", "10x")]
        for name in one
    }
    rows = {name: [found[size][name]["rows"] for size in ("1x", "10x")] for name in one}
    return {
        "slowest_by_page": {size: _slowest(found[size]) for size in ("1x", "3x", "10x")},
        "over_goal_at_1x": {n: f["p95"] for n, f in one.items() if f["p95"] > GOAL_MS},
        "growth_of_medians": growth,
        "grows_beyond_goal": {
            n: g for n, g in growth.items() if g[1] > GROWTH and rows[n][0] == rows[n][1]
        },
        "grows_with_more_rows": {
            n: [*g, *rows[n]]
            for n, g in growth.items()
            if g[1] > GROWTH and rows[n][0] != rows[n][1]
        },
    }


def run(kind: str) -> dict[str, Any]:
    """Milliseconds by role and page at each size, and how much each grew."""
    with three_sizes(kind) as counties:
        found: dict[str, Any] = measure(counties)
        return (
            {"build_seconds": round(counties["1x"].build_seconds, 1)} | _summary(found) | found
        )


def main(*, as_json: bool) -> None:
    """`lianhu bench pages`."""
    tell("pages", {kind: run(kind) for kind in ("sqlite", "postgres")}, as_json=as_json)
