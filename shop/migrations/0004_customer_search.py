"""Customers are found by the beginning of their number, address or name; lists of them may be exported by those allowed to."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('shop', '0003_event_is_managed'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='customer',
            options={'permissions': [('erase_customer', 'Can erase a customer and everything derived from them'), ('export_customers', 'Can export lists of customers')], 'verbose_name': 'customer', 'verbose_name_plural': 'customers'},
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(fields=['country'], name='customer_country'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Lower('email'), 'text_pattern_ops'), name='customer_search_email'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Lower(django.db.models.functions.text.Concat('first_name', models.Value(' '), 'last_name')), 'text_pattern_ops'), name='customer_search_western'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Lower(django.db.models.functions.text.Concat('last_name', 'first_name')), 'text_pattern_ops'), name='customer_search_eastern'),
        ),
    ]
