"""A database as a county has it with row-level security: an owner, and a role that serves.

Apart from `pg_cluster`, which the set-up needs before any package is there.
"""

from urllib.parse import urlsplit

import psycopg

ROLES = ("lianhu_owner", "lianhu_app")
# Roles are the cluster's: another process may make the same one at the same moment.
CREATE = (
    "DO $$ BEGIN CREATE ROLE {role};"
    " EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$"
)


def guarded(url: str, name: str) -> tuple[str, str]:
    """A fresh database as a county has it: the addresses of its owner and of the role that
    serves, neither of them a superuser. `url` is that of the cluster's superuser."""
    parts = urlsplit(url)
    with psycopg.connect(url, autocommit=True) as office:
        # Processes of one test run all come here, by one address, so the lock is one for all.
        office.execute("SELECT pg_advisory_lock(321)")
        for role in ROLES:
            office.execute(CREATE.format(role=role))
            office.execute(f"ALTER ROLE {role} LOGIN PASSWORD '{parts.password}'")
        office.execute("SELECT pg_advisory_unlock(321)")
        office.execute(f"DROP DATABASE IF EXISTS {name}")
        office.execute(f"CREATE DATABASE {name} OWNER {ROLES[0]}")
    with psycopg.connect(parts._replace(path=f"/{name}").geturl(), autocommit=True) as office:
        office.execute(f"ALTER SCHEMA public OWNER TO {ROLES[0]}")
    host = f"{parts.password}@{parts.hostname}:{parts.port}/{name}"
    owner, app = (f"postgres://{role}:{host}" for role in ROLES)
    return owner, app
