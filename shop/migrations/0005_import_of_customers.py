"""Files of customers can be imported beside files of orders."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('shop', '0004_customer_search'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='orderimport',
            options={
                'ordering': ['-created_at'],
                'permissions': [('import_orders', 'Can import orders')],
                'verbose_name': 'file import', 'verbose_name_plural': 'file imports',
            },
        ),
        migrations.AlterField(
            model_name='orderimport',
            name='format',
            field=models.CharField(
                choices=[
                    ('uci-online-retail', 'UCI Online Retail'), ('shopify', 'Shopify'),
                    ('generic', 'my own columns'), ('customers', 'list of customers'),
                ],
                max_length=20, verbose_name='format',
            ),
        ),
    ]
