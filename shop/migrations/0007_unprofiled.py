"""Who said no to personalisation, as one definition for every floor above."""

import django.db.models.deletion
from django.db import migrations, models

VIEW = """
CREATE VIEW shop_unprofiled AS SELECT customer_id FROM (
    SELECT DISTINCT ON (customer_id) customer_id, granted FROM shop_consent WHERE purpose = 'profiling'
    ORDER BY customer_id, recorded_at DESC, id DESC
) AS latest WHERE NOT granted
"""


class Migration(migrations.Migration):
    dependencies = [("shop", "0006_touched_customers")]

    operations = [
        migrations.AddIndex(
            "consent",
            models.Index(
                fields=["customer", "-recorded_at", "-id"], include=["granted"], condition=models.Q(purpose="profiling"),
                name="consent_profiling",
            ),
        ),
        migrations.RunSQL(VIEW, "DROP VIEW shop_unprofiled"),
        migrations.CreateModel(
            "Unprofiled",
            fields=[
                ("customer", models.OneToOneField(
                    on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name="+", serialize=False,
                    to="shop.customer",
                )),
            ],
            options={"managed": False, "db_table": "shop_unprofiled"},
        ),
    ]
