"""What Lianhu must never have. Source: 国办函〔2026〕12号; README, "What it is not"."""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from tests.house.files import ours

# Names as words joined by "_": a column, a table, a route, a key.
FORBIDDEN = re.compile(
    r"""(?:^|_)(?:
      check(?:ed)?_?ins? | clock(?:ed)?_?ins? | punch(?:es)? | roll_?calls? | attendances?
    | time_?online | online_?(?:time|seconds|minutes|hours) | usage | streaks? | screen_?time
    | (?:opened|log_?ins?|sign_?ins?|visits?|reports?)_?(?:times|counts?|totals?)
    | installs? | install_?rate | active_?(?:days|rate)         # counting the use of the app
    | rank(?:s|ing|ings|ed)? | leader_?boards? | quotas? | kpis? | performance
    | (?:visits?|reports?)_?(?:targets?|wanted|required|minimum) | targets?
    | (?:minimum|least|required|wanted|target)_?(?:visits?|reports?)
    | tracks? | trails? | gps | exif | geo_?fences? | whereabouts | last_?(?:location|position)
    | religions? | faiths? | ethnic(?:ity|ities)? | nationality | minzu
    | petitions? | petitioners? | petition_?counts?             # a right, never a mark
    | debts? | chats? | neighbour_?votes? | risk_?(?:level|score) | credit_?score
    | distress | problem_?(?:person|people|households?)
    )(?:_|$)""",
    re.VERBOSE,
)
SNAKE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
PHONE = re.compile(
    r"watchPosition|BackgroundGeolocation|periodicSync|sendBeacon|analytics|sentry|matomo|umami"
    r"|telemetry|IntersectionObserver|BatteryManager|getInstalledRelatedApps|Accelerometer"
    r"|devicemotion|PerformanceObserver",
    re.I,
)

FREE = {
    "media",
    "photo",
    "photos",
    "picture",
    "pictures",
    "video",
    "position",
    "location",
    "point",
    "spot",
    "lon",
    "lat",
}  # a person may leave them out


def _snake(name: str) -> str:
    return SNAKE.sub("_", name).replace("-", "_").lower()


def _routes(resolver: URLResolver, prefix: str = ""):
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield path
        else:
            yield from _routes(entry, path)


def test_no_table_or_column_is_named_for_a_forbidden_thing():
    found = []
    for model in apps.get_models(include_auto_created=True):
        if not model.__module__.startswith("lianhu."):
            continue
        names = [model.__name__, *(field.name for field in model._meta.get_fields())]
        found += [f"{model.__name__}.{n}" for n in names if FORBIDDEN.search(_snake(n))]
    assert found == []


def test_no_route_is_named_for_a_forbidden_thing():
    found = [
        path
        for path in _routes(get_resolver())
        if any(FORBIDDEN.search(_snake(word)) for word in re.findall(r"[\w-]+", path))
    ]
    assert found == []


def test_the_phone_neither_follows_nor_counts_its_owner():
    found = [
        f"{name}:{number}"
        for name, text in ours(".ts", ".vue", ".js", ".html")
        if name.startswith("web/")
        for number, line in enumerate(text.splitlines(), 1)
        if PHONE.search(line)
    ]
    assert found == []


def _forced(shape: dict[str, Any]) -> Iterator[str]:
    """What has to be given in an object of a schema, at any depth; of what may be left out only
    whether a list of it may be empty."""
    yield from shape.get("required", ())
    for key, inner in shape.get("properties", {}).items():
        if key in FREE:
            yield from [key] if inner.get("minItems", 0) > 0 else []
        else:
            yield from _forced(inner)


def test_no_letter_asks_for_a_photo_or_for_a_forbidden_thing():
    found = []
    for name, text in ours(".schema.json"):
        if not name.startswith("contracts/letters/"):
            continue
        asked = _forced(json.loads(text)["properties"]["body"])
        found += [f"{name}: {key} is forced" for key in asked if key in FREE]
        keys = re.findall(r'"([A-Za-z_]+)"\s*:', text)
        found += [f"{name}: {key}" for key in keys if FORBIDDEN.search(_snake(key))]
    assert found == []


def test_the_rule_can_fail():
    for bad in (
        "CheckIn",
        "checked_in_at",
        "login_count",
        "visits_required",
        "monthly_target",
        "online_minutes",
        "religion",
        "lastLocation",
        "gps_trail",
        "ranking",
    ):
        assert FORBIDDEN.search(_snake(bad)), bad
    for good in ("checked_at", "sign_in", "received_at", "tracked_matter_id"[8:], "is_online"):
        assert not FORBIDDEN.search(_snake(good)), good
