"""The search index: FTS5 on SQLite, a tsvector with GIN on PostgreSQL."""

from django.apps.registry import Apps as StateApps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CREATE = {
    "sqlite": [
        (
            "CREATE VIRTUAL TABLE matters_search USING fts5("
            "matter_id UNINDEXED, body, tokenize='ascii', detail='none')"
        )
    ],
    "postgresql": [
        (
            "CREATE TABLE matters_search ("
            "number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
            " matter_id uuid NOT NULL, body tsvector NOT NULL)"
        ),
        "CREATE INDEX matters_search_body ON matters_search USING gin (body)",
    ],
}


def create(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Make the index in the form this database understands."""
    for statement in CREATE[editor.connection.vendor]:
        editor.execute(statement)


def drop(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Remove the index; it can be made again from the steps."""
    editor.execute("DROP TABLE matters_search")


class Migration(migrations.Migration):
    dependencies = [("matters", "0001_start")]
    operations = [migrations.RunPython(create, drop)]
