"""Phones that the desk confirms, credentials that are renewed, and what replaced ones tell."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_signing_in"),
    ]

    operations = [
        migrations.AddField(
            model_name="device",
            name="confirm_code",
            field=models.CharField(blank=True, max_length=8),
        ),
        migrations.AddField(
            model_name="device",
            name="cut_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="device",
            name="key_proven",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="device",
            name="next_credential",
            field=models.BinaryField(max_length=32, null=True, unique=True),
        ),
        migrations.AddField(
            model_name="device",
            name="renewed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="enroltoken",
            name="at_desk",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="SpentCredential",
            fields=[
                (
                    "credential",
                    models.BinaryField(max_length=32, primary_key=True, serialize=False),
                ),
                ("spent_at", models.DateTimeField()),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="spent",
                        to="accounts.device",
                    ),
                ),
            ],
        ),
    ]
