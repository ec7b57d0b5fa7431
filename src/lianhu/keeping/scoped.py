"""Which tables row-level security guards, by which rule, and why not the others.

A row is seen and written where its place lies in the scope that the transaction was told
(`kernel.scope`): whole codes are compared, at the five lengths that a code may have, so village 1
never covers village 10. No scope, no rows. What hangs on a household or a matter is seen with it.
"""

import hashlib
from dataclasses import dataclass

from django.apps import apps
from django.db import models

from lianhu.territory.queries import COUNTY_LENGTH, TOWN_LENGTH, VILLAGE_LENGTH

LENGTHS = (
    COUNTY_LENGTH,
    TOWN_LENGTH,
    VILLAGE_LENGTH,
    14,
)  # and group; a grid is the whole code

_WHO = "read before anybody is known, to find out who it is"
_COUNTS = "numbers and hashes; no words of anybody"
_DJANGO = "Django's own; nothing of the county"
# Tables without a rule, and why: a test holds the list against the database.
OPEN = {
    "accounts_grant": "at sign-in the grants say who the actor is",
    "territory_place": "the divisions of the country are public",
    "territory_placechange": "the divisions of the country are public",
    "grading_ruletable": "the criteria for help are public",
    "visits_cadence": "how often whoever is owed help is visited is public",
    "matters_endedcount": "counts of days for the board and lists; nothing of any matter",
    # PostgreSQL uses no index for what is not leakproof, as `@@` is, under a rule: every search
    # would read the whole table. It holds pairs of signs and a matter's identifier.
    "matters_search": "a rule would keep its index from being used; read through its matter",
    "media_photo": "named by its hash, before a step names it; read through an attachment",
    "accounts_user": _WHO,
    "accounts_device": _WHO,
    "accounts_spentcredential": _WHO,
    "accounts_enroltoken": _WHO,
    "accounts_attempt": _WHO,
    "accounts_session": _WHO,
    "accounts_authenticator": _WHO,
    "accounts_passkey": _WHO,
    "accounts_recoverycode": _WHO,
    "accounts_factorreset": "about an account, which has no place",
    "accounts_identity": _WHO,
    "rights_signincode": _WHO,
    "audit_version": _COUNTS,
    "audit_seal": _COUNTS,
    "audit_epoch": _COUNTS,
    "keeping_run": "how backups and their proofs ended; nothing of anybody",
    "django_content_type": _DJANGO,
    "django_migrations": _DJANGO,
    "auth_permission": _DJANGO,
    "auth_group": _DJANGO,
    "auth_group_permissions": _DJANGO,
}
# Whose own rows are seen wherever they lie: the column that names the person.
OWN = {
    # A report about an official lies at the county.
    "matters.Matter": ("reporter_id",),
    # A phone asks what became of its letters, also of those that concern another place.
    "letters.Letter": ("user_id",),
    # Whoever lost a post is told what became of the list that they asked for there.
    "people.Export": ("asker_id",),
    # Whoever opened another village's household in an emergency reads what they opened.
    "rights.Opening": ("actor_id",),
}
# What is said of a village or a group is told in each of its grids.
UPWARD = ("territory.Resource",)
# A household that moved brings along what happened where it was: whoever sees the household.
FOLLOWS = ("visits.Visit", "people.Change", "people.Proposal")
# Without a place, and seen and written with what it hangs on: the column, and that table.
HANGS = {
    "grading.Fact": ("household_id", "people_household"),
    "grading.Grade": ("household_id", "people_household"),
    "grading.Appeal": ("household_id", "people_household"),
    "grading.CareEpisode": ("household_id", "people_household"),
    "rights.Request": ("household_id", "people_household"),
    "matters.Step": ("matter_id", "matters_matter"),
    "matters.Attachment": ("matter_id", "matters_matter"),
}
# Seen by the people whom the row names and by nobody else, wherever they hold a post.
ONLY = {"grading.CareEpisode": ("worker_id", "supervisor_id")}
# Lies at no place when nobody is known yet, such as a sign-in that failed: for whoever is known.
PLACELESS = ("audit.Entry",)
# Written for any place and by anybody, but never changed: a move is told to both villages.
APPENDED = ("audit.Entry",)

# Without a place: replaced and destroyed by whoever sees the row of the same identifier in another
# table. Read and added to by whoever serves: a key comes before its person's row, and opens nothing
# that the rules have not let through. A care episode's is destroyed by the daily work only.
HELD_BY = {"people.PersonKey": "people_person"}

NAME = "lianhu_scope_"
_CODES = "(SELECT string_to_array(current_setting('lianhu.scope', true), ','))::text[]"
_WHOLE = f"'*' = ANY ({_CODES})"
_PERSON = "(SELECT nullif(current_setting('lianhu.person', true), '')::uuid)"


@dataclass(frozen=True, slots=True)
class Guard:
    """A guarded table and the rules it must have, by name."""

    table: str
    rules: dict[str, str]


def placed_models() -> list[type[models.Model]]:
    """Every model whose rows say where they are, except the open ones."""
    return [
        model
        for model in apps.get_models()
        if model._meta.db_table not in OPEN
        and any(f.attname in ("place_id", "place") for f in model._meta.concrete_fields)
    ]


def guards() -> list[Guard]:
    """Every table that must be guarded, and how."""
    hanging = [_hanging(apps.get_model(label), *on) for label, on in HANGS.items()]
    held = [_held(apps.get_model(label), by) for label, by in HELD_BY.items()]
    return [_guard(model) for model in placed_models()] + hanging + held


def _hanging(model: type[models.Model], column: str, on: str) -> Guard:
    table = model._meta.db_table
    sees = f"EXISTS (SELECT FROM {on} o WHERE o.id = {table}.{column})"
    if names := ONLY.get(model._meta.label, ()):
        sees = f"{_PERSON} IN ({', '.join(names)}) AND {sees}"
    return _named(table, [f"FOR ALL USING ({_WHOLE} OR {sees})"])


def _held(model: type[models.Model], by: str) -> Guard:
    table = model._meta.db_table
    sees = f"{_WHOLE} OR EXISTS (SELECT FROM {by} o WHERE o.id = {table}.id)"
    rules = [
        "FOR SELECT USING (true)",
        "FOR INSERT WITH CHECK (true)",
        # Whoever seals holds the row (FOR SHARE) without changing it.
        f"FOR UPDATE USING (true) WITH CHECK ({sees})",
        f"FOR DELETE USING ({sees})",
    ]
    return _named(table, rules)


def _guard(model: type[models.Model]) -> Guard:
    label = model._meta.label
    ways = [_WHOLE]
    ways += [f"left(place_id, {length}) = ANY ({_CODES})" for length in LENGTHS]
    ways += [f"place_id = ANY ({_CODES})"]
    ways += [f"{column} = {_PERSON}" for column in OWN.get(label, ())]
    if label in UPWARD:
        ways.append(f"EXISTS (SELECT FROM unnest({_CODES}) c WHERE starts_with(c, place_id))")
    if label in FOLLOWS:
        ways.append("EXISTS (SELECT FROM people_household h WHERE h.id = household_id)")
    if label in PLACELESS:
        ways.append(f"(place_id = '' AND {_PERSON} IS NOT NULL)")
    seen = " OR ".join(ways)
    if label in APPENDED:
        rules = [f"FOR SELECT USING ({seen})", "FOR INSERT WITH CHECK (true)"]
    else:
        rules = [f"FOR ALL USING ({seen})"]
    return _named(model._meta.db_table, rules)


def _named(table: str, rules: list[str]) -> Guard:
    named = {
        NAME
        + hashlib.sha256(rule.encode()).hexdigest()[:10]: rule  # another rule, another name
        for rule in rules
    }
    return Guard(table, named)
