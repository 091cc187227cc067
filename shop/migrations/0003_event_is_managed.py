"""Django may alter and flush the event table; only its creation (0002) had to be written by hand."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("shop", "0002_tables_of_its_own")]

    operations = [
        migrations.AlterModelOptions("event", {"managed": True, "verbose_name": "event", "verbose_name_plural": "events"})
    ]
