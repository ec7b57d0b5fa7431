"""Row-level security on PostgreSQL: which tables it guards, its rules, and whether it stands.

A row is seen and written where its place lies in the scope that the transaction was told
(`kernel.scope`): whole codes are compared, at the five lengths that a code may have, so village 1
never covers village 10. No scope, no rows. Rules are FORCEd: they hold for the tables' owner too.
"""

import hashlib
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, models, transaction

from lianhu.kernel.errors import Refusal
from lianhu.territory.queries import COUNTY_LENGTH, TOWN_LENGTH, VILLAGE_LENGTH

LENGTHS = (
    COUNTY_LENGTH,
    TOWN_LENGTH,
    VILLAGE_LENGTH,
    14,
)  # and group; a grid is the whole code

# Tables with a place that are read before there is an actor, or by everybody.
OPEN = {
    "accounts.Grant": "at sign-in the grants say who the actor is",
    "territory.Place": "the divisions of the country are public",
    "territory.PlaceChange": "the divisions of the country are public",
    "grading.RuleTable": "the criteria for help are public",
    "visits.Cadence": "how often whoever is owed help is visited is public",
    "matters.EndedCount": "counts of days for the board and the lists; nothing of any matter",
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
        if model._meta.label not in OPEN
        and any(f.attname in ("place_id", "place") for f in model._meta.concrete_fields)
    ]


def guards() -> list[Guard]:
    """Every table that must be guarded, and how."""
    held = [_held(apps.get_model(label), by) for label, by in HELD_BY.items()]
    return [_guard(model) for model in placed_models()] + held


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


def bring_up_to_date() -> None:
    """Migrate, then raise the guards; by the tables' owner."""
    call_command("migrate", verbosity=0)
    raise_guards()


def raise_guards() -> None:
    """Bring tables and the server's role to what this version wants; by the tables' owner, after
    each migration, where an owner is named. What is right already is not touched, so nobody
    waits."""
    if not settings.LIANHU_SERVES_AS:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        for guard in guards():
            there, enabled, forced = _state(guard.table)
            for name in there - set(guard.rules):
                cursor.execute(f'DROP POLICY "{name}" ON "{guard.table}"')
            for name in set(guard.rules) - there:
                cursor.execute(f'CREATE POLICY "{name}" ON "{guard.table}" {guard.rules[name]}')
            if not (enabled and forced):
                cursor.execute(f'ALTER TABLE "{guard.table}" ENABLE ROW LEVEL SECURITY')
                cursor.execute(f'ALTER TABLE "{guard.table}" FORCE ROW LEVEL SECURITY')
        let_serve(settings.LIANHU_SERVES_AS)


def let_serve(role: str) -> None:
    """Grant the server's role what it needs of our schema: rows, never tables."""
    quoted = connection.ops.quote_name(role)
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        schema = cursor.fetchone()[0]
        for what in (
            f"USAGE ON SCHEMA {schema}",
            f"SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema}",
            f"USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema}",
        ):
            cursor.execute(f"GRANT {what} TO {quoted}")
        for model in map(apps.get_model, APPENDED):
            table = model._meta.db_table
            cursor.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM {quoted}')


def _state(table: str) -> tuple[set[str], bool, bool]:
    """The rules of ours that a table has, and whether row security is on and forced."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relrowsecurity, relforcerowsecurity FROM pg_class"
            " WHERE oid = to_regclass(%s)",
            [table],
        )
        enabled, forced = cursor.fetchone() or (False, False)
        cursor.execute(
            "SELECT polname FROM pg_policy WHERE polrelid = to_regclass(%s)", [table]
        )
        return {row[0] for row in cursor.fetchall()}, enabled, forced


def find_guard_faults() -> list[str]:
    """What keeps row-level security from holding for who is connected, in words; of a county that
    goes without (LIANHU_UNGUARDED) only that rules stand there all the same."""
    if connection.vendor != "postgresql":
        return []
    if not settings.LIANHU_GUARDED:
        return _blind_faults()
    return _role_faults() + _table_faults()


def find_guard_warnings() -> list[str]:
    """That a county on PostgreSQL goes without row-level security, in words."""
    if connection.vendor != "postgresql" or settings.LIANHU_GUARDED:
        return []
    said = "设了 LIANHU_UNGUARDED：数据库不再核对谁能看哪里，程序漏了一处就没有第二道锁。"
    return [said + "请给服务单独一个角色，把所有者写在 LIANHU_OWNER_URL。"]


def _blind_faults() -> list[str]:
    """Rules hold for who serves, and nobody will tell them a scope: every page would be empty."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relname = ANY (%s)"
            " AND relnamespace = current_schema()::regnamespace AND row_security_active(oid)",
            [[guard.table for guard in guards()]],
        )
        count = cursor.fetchone()[0]
    if not count:
        return []
    return [f"{count} 张表有行级防护：设了 LIANHU_UNGUARDED 就什么也看不到。请去掉这一项。"]


def _role_faults() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolbypassrls FROM pg_roles"
            " WHERE rolname = current_user"
        )
        name, is_super, bypasses = cursor.fetchone()
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY (%s)"
            " AND relnamespace = current_schema()::regnamespace"
            " AND pg_has_role(current_user, relowner, 'MEMBER') ORDER BY relname LIMIT 1",
            [[guard.table for guard in guards()]],
        )
        owned = cursor.fetchone()
    what = (
        "是超级用户" if is_super else "有 BYPASSRLS" if bypasses
        else "是表的所有者，或者能成为所有者" if owned else ""
    )  # fmt: skip
    if not what:
        return []
    said = f"服务用的数据库角色 {name} {what}：数据库的行级防护管不住它。"
    said += "请给服务单独一个角色，所有者写在 LIANHU_OWNER_URL"
    return [said + "；真要不用行级防护，设 LIANHU_UNGUARDED=1。"]


def _table_faults() -> list[str]:
    bare = []
    for guard in guards():
        there, enabled, forced = _state(guard.table)
        if not (enabled and forced and there == set(guard.rules)):
            bare.append(guard.table)
    if not bare:
        return []
    said = f"{len(bare)} 张表没有行级防护（{'、'.join(bare[:3])}）："
    return [said + "请设好 LIANHU_OWNER_URL，运行 lianhu migrate。"]


def require_guards() -> None:
    """Refuses ``server.unguarded`` where a county would be served without row-level security and
    has not said so (LIANHU_UNGUARDED)."""
    if faults := find_guard_faults():
        raise Refusal("server.unguarded", why="".join(faults))
