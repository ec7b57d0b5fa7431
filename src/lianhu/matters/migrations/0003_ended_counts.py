"""Counts of closed matters by place and day, filled from the matters that are there."""

from django.apps.registry import Apps as StateApps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

LOCAL_DAY = {
    "sqlite": "date({column}, '+8 hours')",
    "postgresql": "({column} AT TIME ZONE 'Asia/Shanghai')::date",
}


def fill(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Count what is closed."""
    day = LOCAL_DAY[editor.connection.vendor]
    received, answered = (day.format(column=c) for c in ("received_at", "answered_at"))
    for length in (6, 9, 12):
        editor.execute(
            "INSERT INTO matters_endedcount (place, received_on, ended, in_time)"  # noqa: S608
            f" SELECT substr(place_id, 1, {length}), {received}, count(*),"
            f" sum(CASE WHEN {answered} <= due_on THEN 1 ELSE 0 END)"
            " FROM matters_matter WHERE stage = 'closed' AND row_class = 'ordinary'"
            f" AND length(place_id) >= {length} GROUP BY 1, 2"
        )


class Migration(migrations.Migration):
    dependencies = [("matters", "0002_search")]
    operations = [
        migrations.CreateModel(
            name="EndedCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.CharField(max_length=12)),
                ("received_on", models.DateField()),
                ("ended", models.IntegerField()),
                ("in_time", models.IntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("place", "received_on"), name="ended_place_day"
                    )
                ]
            },
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                fields=["row_class", "received_at"], name="matter_class_received"
            ),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                condition=models.Q(("is_open", True)),
                fields=[
                    "place",
                    "due_on",
                    "stage",
                    "row_class",
                    "office",
                    "handler",
                    "reporter",
                    "accused",
                    "answerer",
                ],
                name="matter_at_hand",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
