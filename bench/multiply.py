"""Add N copies of the county's own matters: `python -m bench.multiply 2` makes it three times.

Matters and their places in the search index are copied with new identifiers; their steps are not
(lists do not read steps). Runs with the county's own environment.
"""

import sys

import django

NEW_ID = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}
NEW_REF = {
    "sqlite": "upper(substr(hex(randomblob(6)), 1, 12))",
    "postgresql": "upper(substr(md5(random()::text), 1, 12))",
}


def multiply(copies: int) -> None:
    """Add copies of the matters that were there first: those that have steps."""
    from django.db import connection, transaction  # noqa: PLC0415 - needs the settings

    from lianhu.matters.actions.counting import recount_ended  # noqa: PLC0415 - needs the settings

    kind = connection.vendor
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM matters_matter LIMIT 0")
        columns = [c[0] for c in cursor.description]
        rest = [f'"{c}"' for c in columns if c not in {"id", "ref"}]
        cursor.execute(
            "CREATE TEMPORARY TABLE own AS SELECT DISTINCT matter_id FROM matters_step"
        )
        cursor.execute(
            "CREATE TEMPORARY TABLE seed AS SELECT m.* FROM matters_matter m"
            " JOIN own ON own.matter_id = m.id"
        )
        cursor.execute(
            "CREATE TEMPORARY TABLE texts AS SELECT DISTINCT matter_id, body FROM matters_search"
        )
        for _ in range(copies):
            names = ", ".join(["id", "ref", *rest])
            made = ", ".join([NEW_ID[kind], NEW_REF[kind], *rest])
            cursor.execute(  # column names come from the table itself
                f"INSERT INTO matters_matter ({names}) SELECT {made} FROM seed"  # noqa: S608
            )
            cursor.execute(
                "INSERT INTO matters_search (matter_id, body) SELECT matter_id, body FROM texts"
            )
        recount_ended()
    with connection.cursor() as cursor:
        # What autovacuum does in the hour after: without it no count is read from an index alone.
        cursor.execute("VACUUM ANALYZE" if kind == "postgresql" else "ANALYZE")
        if kind == "postgresql":  # what was written is on the disk before anything is timed
            cursor.execute("CHECKPOINT")


if __name__ == "__main__":
    django.setup()
    multiply(int(sys.argv[1]))
