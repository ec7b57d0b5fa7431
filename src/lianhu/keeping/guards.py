"""Row-level security on PostgreSQL: raises its rules and says whether it stands for who serves.

Which tables it guards and by which rule is said in `keeping.scoped`. Rules are FORCEd: they hold
for the tables' owner too.
"""

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from lianhu.keeping.scoped import APPENDED, guards
from lianhu.kernel.errors import Refusal


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
