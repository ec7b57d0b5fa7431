"""Invitations for phones of wardens in as many different grids: `python -m bench.phones 8`.

Runs with the county's own environment and prints JSON: token, grid, households.
"""

import itertools
import json
import sys
from collections.abc import Iterator
from typing import Any

import click

from lianhu.kernel.postgres.owner import begin_as_owner


def leaders() -> Iterator[tuple[Any, list[str]]]:
    """Postings of different people in different grids, each with up to twenty households."""
    from django.utils import timezone  # noqa: PLC0415 - needs the settings

    from lianhu.accounts.queries.actors import system_actor  # noqa: PLC0415 - needs the settings
    from lianhu.people.queries import list_households  # noqa: PLC0415 - needs the settings
    from lianhu.postings.queries import list_postings  # noqa: PLC0415 - needs the settings

    actor = system_actor("610921", "posting.read", "household.read")
    seen: set[object] = set()
    for posting in list_postings(actor, under="610921", on=timezone.now().date()):
        if posting.place_id in seen or posting.user_id in seen:
            continue
        homes = [str(h.id) for h in list_households(actor, under=posting.place_id)[:20]]
        if homes:
            seen |= {posting.place_id, posting.user_id}
            yield posting, homes


def invite(count: int) -> list[dict[str, object]]:
    """Tokens for the leaders of the first grids that have both a leader and households."""
    from django.utils import timezone  # noqa: PLC0415 - needs the settings

    from lianhu.accounts.actions.devices import issue_token  # noqa: PLC0415 - needs the settings

    found: list[dict[str, object]] = []
    for posting, homes in itertools.islice(leaders(), count):
        token = issue_token(posting.user, made_by=posting.user_id, at=timezone.now())
        found.append({"token": token, "grid": posting.place_id, "households": homes})
    return found


if __name__ == "__main__":
    begin_as_owner()
    click.echo(json.dumps(invite(int(sys.argv[1]))))
