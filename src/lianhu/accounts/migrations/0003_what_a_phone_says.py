"""What a phone says of its own outbox; devices of before are each a handset of their own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_lent_passwords")]

    operations = [
        migrations.AddField("device", "handset", models.UUIDField(null=True)),
        migrations.RunSQL(
            'UPDATE "accounts_device" SET "handset" = "id"', migrations.RunSQL.noop
        ),
        migrations.AlterField("device", "handset", models.UUIDField(db_index=True)),
        migrations.AddField("device", "first_seq", models.BigIntegerField(default=1)),
        migrations.AddField("device", "newest_seq", models.BigIntegerField(null=True)),
        migrations.AddField("device", "newest_at", models.DateTimeField(null=True)),
        migrations.AddField("device", "photos_waiting", models.PositiveIntegerField(default=0)),
        migrations.AddField("device", "asked_seq", models.BigIntegerField(null=True)),
        migrations.AddField("device", "asked_at", models.DateTimeField(null=True)),
    ]
