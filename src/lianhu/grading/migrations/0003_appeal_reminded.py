"""When those who decide an appeal were reminded of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("grading", "0002_carried_decisions")]

    operations = [
        migrations.AddField(
            model_name="appeal",
            name="reminded_on",
            field=models.DateField(null=True),
        ),
    ]
