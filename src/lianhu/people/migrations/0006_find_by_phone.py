"""A blind index over phones, so that a resident can sign in by a code to her number."""

from typing import Any

from django.db import migrations, models

from lianhu.kernel.seal import blind, unseal

CHUNK = 2_000


def index_phones(apps: Any, _editor: Any) -> None:
    """Index the numbers that are there, in the order of their keys."""
    persons = apps.get_model("people", "Person").objects
    last = None
    while True:
        rows = persons.exclude(phone_sealed=b"").order_by("id")
        chunk = list((rows.filter(id__gt=last) if last else rows)[:CHUNK])
        if not chunk:
            return
        for person in chunk:
            number = unseal(person.phone_sealed, f"person.phone.{person.id}")
            person.phone_index = blind(number, "person.phone")
        persons.bulk_update(chunk, ["phone_index"], batch_size=500)
        last = chunk[-1].id


class Migration(migrations.Migration):
    dependencies = [("people", "0005_proposals")]

    operations = [
        migrations.AddField(
            model_name="person",
            name="phone_index",
            field=models.BinaryField(db_index=True, default=b"", max_length=16),
        ),
        migrations.RunPython(index_phones, migrations.RunPython.noop),
    ]
