"""The catalogue as phones hold it: kinds, duties, calendar, policies, words of refusals."""

import hashlib
from functools import cache
from typing import Any

import msgspec
from django.utils.timezone import localdate

from lianhu.kernel.catalogue import read, read_folder
from lianhu.kernel.workdays import state_calendar
from lianhu.letters.meanings import meanings
from lianhu.matters.kinds import all_kinds, clocks, who_sees
from lianhu.matters.rules import PETITION


@cache
def catalogue() -> tuple[str, bytes]:
    """The catalogue's etag and its JSON; read once per process."""
    rules = clocks(localdate())
    calendar = state_calendar()
    content: dict[str, Any] = {
        "categories": [
            {
                "code": kind.code,
                "name": kind.name,
                "top": kind.top,
                "icon": kind.icon,
                "visibility": kind.visibility,
                "who_sees": who_sees(kind),
                "clock_words": _clock_words(kind.clock, rules),
                "limit_days": rules["petition_days" if kind.clock == PETITION else kind.clock],
            }
            for kind in all_kinds().values()
        ],
        "duties": [{"code": c, "name": n} for c, n in read("duties.toml")["duties"].items()],
        "calendar": {
            "off": sorted(day.isoformat() for day in calendar.off),
            "on": sorted(day.isoformat() for day in calendar.worked),
            "until": f"{max(calendar.years)}-12-31",
        },
        "policies": [_policy(row) for row in read_folder("policies")],
        "words": read("refusals.toml")["words"],
        "letters": {
            code: {"sender": found.sender} | ({"why": found.why} if found.why else {})
            for code, found in meanings().items()
        },
        "offices": {
            f"{level}.{code}": name
            for level, rows in read("offices.toml").items()
            if isinstance(rows, dict)
            for code, name in rows.items()
        },
    }
    etag = hashlib.sha256(msgspec.json.encode(content)).hexdigest()[:16]
    return etag, msgspec.json.encode({"etag": etag, **content})


def _clock_words(clock: str, rules: dict[str, Any]) -> str:
    if clock == PETITION:
        return f"{rules['petition_sort_days']} 天内告知，{rules['petition_days']} 天内办结"
    days = rules[clock]
    return "当天就办" if days == 0 else f"{days} 个工作日内答复您"


def _policy(row: dict[str, Any]) -> dict[str, str]:
    return {
        key: str(row[name])
        for key, name in (
            ("code", "code"), ("title", "title"), ("summary", "summary"), ("body", "body"),
            ("source", "source"), ("on", "from"),
        )
    }  # fmt: skip
