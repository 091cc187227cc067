"""The shop's own name. A demo shop keeps the one that the settings gave it before."""

from django.db import migrations, models

NAME_THE_DEMO = """
INSERT INTO shop_shopprofile (id, name)
SELECT 1, 'Marketops Demo Shop' FROM (
    SELECT verb FROM backoffice_auditentry WHERE verb IN ('shop.seed_demo', 'shop.remove_demo') ORDER BY at DESC, id DESC LIMIT 1
) AS latest WHERE verb = 'shop.seed_demo' AND NOT EXISTS (SELECT FROM shop_orderimport)
"""


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0001_initial"), ("shop", "0007_unprofiled")]

    operations = [
        migrations.CreateModel(
            "ShopProfile",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(blank=True, max_length=100, verbose_name="name of the shop")),
            ],
            options={
                "verbose_name": "shop",
                "constraints": [models.CheckConstraint(condition=models.Q(pk=1), name="shopprofile_once")],
            },
        ),
        migrations.RunSQL(NAME_THE_DEMO, migrations.RunSQL.noop),
    ]
