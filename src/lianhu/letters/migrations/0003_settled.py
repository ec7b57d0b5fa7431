"""A person's own letters that somebody settled are found by an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("letters", "0002_sealed")]

    operations = [
        migrations.AddIndex(
            "letter",
            models.Index(
                fields=["user", "settled_at"],
                condition=models.Q(settled_at__isnull=False),
                name="letter_settled",
            ),
        )
    ]
