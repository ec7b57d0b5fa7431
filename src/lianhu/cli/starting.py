"""Begin a real county: all of it in one transaction, or nothing."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate

from lianhu.accounts.actions.resets import clear_factors
from lianhu.accounts.actions.sessions import close_sessions
from lianhu.accounts.actions.users import open_account
from lianhu.accounts.queries.actors import system_actor
from lianhu.accounts.queries.second import factors_of
from lianhu.accounts.queries.staff import find_user
from lianhu.audit.actions import record
from lianhu.kernel.errors import NotPermitted, Refusal
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


@transaction.atomic
def clear_second_of(username: str) -> str:
    """Take a user's second factors away and end every session; their name. Refuses
    ``account.not_found``, ``second.none``."""
    user = find_user(username)
    if user is None:
        raise NotPermitted("account.not_found")
    if not factors_of(user.id).any:
        raise Refusal("second.none")
    clear_factors(user.id)
    close_sessions(user.id)
    county = list_places("county").first()
    code = county.code if county else ""
    record(
        system_actor(code), "second.reset", "user", user.id, code, at=timezone.now(), quiet=True
    )
    return user.name
