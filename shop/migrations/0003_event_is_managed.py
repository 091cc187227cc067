"""Django may alter and flush the event table; only its creation (0002) had to be written by hand."""

import django.db.models.deletion
from django.db import migrations, models


def _reference(to: str, on_delete: object, label: str) -> models.ForeignKey:
    return models.ForeignKey(
        blank=True, db_index=False, null=True, on_delete=on_delete, related_name="+", to=to, verbose_name=label
    )


class Migration(migrations.Migration):
    dependencies = [("shop", "0002_tables_of_its_own")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterModelOptions("event", {"verbose_name": "event", "verbose_name_plural": "events"}),
                migrations.AddField("event", "customer", _reference("shop.customer", django.db.models.deletion.CASCADE, "customer")),
                migrations.AddField("event", "product", _reference("shop.product", django.db.models.deletion.SET_NULL, "product")),
            ]
        )
    ]
