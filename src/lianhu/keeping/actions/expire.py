"""Apply the terms of catalogue/retention.toml: what is over is deleted, in batches."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.db import transaction

from lianhu.accounts.queries.actors import system_actor
from lianhu.audit.actions import record
from lianhu.kernel.catalogue import read
from lianhu.territory.queries import list_places

# Deletes at most so many of what ended before a moment; how many rows.
Forget = Callable[[datetime, int], int]


def expire(rules: Mapping[str, Forget], *, at: datetime) -> dict[str, int]:
    """Delete what is over by each rule, in the order given; rows by the name of the rule. Each
    batch is a transaction with its entry in the ledger, which says how many and nothing of what.
    Cut off anywhere, the next run goes on."""
    terms = read("retention.toml")
    county = list_places("county").first()
    code = county.code if county else ""
    actor = system_actor(code)
    found = dict.fromkeys(rules, 0)
    for name, forget in rules.items():
        before = at - timedelta(days=terms["rules"][name]["days"])
        while True:
            with transaction.atomic():
                rows = forget(before, terms["batch"])
                if rows:
                    record(
                        actor, "keeping.expired", "retention", name, code, at=at,
                        quiet=True, rows=rows, before=before.date().isoformat(),
                    )  # fmt: skip
            found[name] += rows
            if not rows:
                break
    return found
