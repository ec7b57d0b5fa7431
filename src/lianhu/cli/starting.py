"""Begin a real county: all of it in one transaction, or nothing."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate

from lianhu.accounts.actions.users import open_account
from lianhu.accounts.queries.actors import system_actor
from lianhu.audit.actions import record
from lianhu.kernel.errors import Refusal
from lianhu.territory.actions import load_places, make_place
from lianhu.territory.divisions import read_divisions
from lianhu.territory.queries import list_places


@transaction.atomic
def start_county(code: str, name: str, username: str) -> dict[str, Any]:
    """Write the places of the catalogue and open the first data officer's account; gives
    ``county`` (its name), ``places`` (how many), ``password`` (one-time, kept nowhere).

    Refuses ``county.there_already``, ``place.no_divisions``, and as `open_account`.
    """
    if list_places("county").exists():
        raise Refusal("county.there_already")
    divisions = read_divisions(code)
    load_places(make_place(d.code, d.name, is_community=d.is_community) for d in divisions)
    now = timezone.now()
    actor = system_actor(code, "account.manage")
    record(actor, "county.start", "place", code, code, at=now, places=len(divisions))
    _, password = open_account(
        actor, name, username, "data", code, starts_on=localdate(now), at=now
    )
    return {"county": divisions[0].name, "places": len(divisions), "password": password}
