import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('segments', '0009_portraits'),
    ]

    operations = [
        migrations.AddField(
            model_name='rule',
            name='asks',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, help_text='The segments that the tree asks about.', size=None),
        ),
    ]
