"""Letters are sealed, and found again by a keyed index instead of a bare hash."""

from typing import Any

from django.db import migrations, models

from lianhu.kernel.seal import blind, seal

MANY = 500


def seal_letters(apps: Any, schema: Any) -> None:
    """Seal what is there; nothing for an empty table, so that a first start needs no keys yet."""
    Letter = apps.get_model("letters", "Letter")
    rows = []
    for letter in Letter.objects.order_by("id").iterator(MANY):
        text = bytes(letter.text).decode()
        letter.text_sealed = seal(text, f"letter.text.{letter.id}")
        letter.text_index = blind(text, "letter.text")
        rows.append(letter)
        if len(rows) == MANY:
            Letter.objects.bulk_update(rows, ["text_sealed", "text_index"])
            rows = []
    Letter.objects.bulk_update(rows, ["text_sealed", "text_index"])


class Migration(migrations.Migration):
    dependencies = [("letters", "0001_start")]

    operations = [
        migrations.AddField(
            "letter", "text_sealed", models.BinaryField(default=b""), preserve_default=False
        ),
        migrations.AddField(
            "letter", "text_index", models.BinaryField(default=b""), preserve_default=False
        ),
        migrations.RunPython(seal_letters, migrations.RunPython.noop),
        migrations.RemoveConstraint("letter", "letter_copy_once"),
        migrations.RemoveField("letter", "text"),
        migrations.RemoveField("letter", "sha256"),
        migrations.AddConstraint(
            "letter",
            models.UniqueConstraint(
                fields=["copy_of", "text_index", "user"], name="letter_copy_once"
            ),
        ),
    ]
