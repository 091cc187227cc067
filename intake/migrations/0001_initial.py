
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('backoffice', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='EventReceipt',
            fields=[
                ('message_id', models.CharField(max_length=200, primary_key=True, serialize=False)),
                ('received_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='FileImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file', models.FileField(blank=True, help_text='Empty once it was deleted.', upload_to='imports/')),
                ('filename', models.CharField(max_length=255, verbose_name='file')),
                ('sha256', models.CharField(max_length=64)),
                ('format', models.CharField(choices=[('uci-online-retail', 'UCI Online Retail'), ('shopify', 'Shopify'), ('generic', 'my own columns'), ('customers', 'list of customers')], max_length=20, verbose_name='format')),
                ('options', models.JSONField(blank=True, default=dict, help_text='Column mapping, encoding, delimiter, date form, currency.')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='uploaded')),
                ('rows_read', models.BigIntegerField(null=True, verbose_name='rows read')),
                ('rows_accepted', models.BigIntegerField(null=True, verbose_name='accepted')),
                ('rows_merged', models.BigIntegerField(null=True, verbose_name='already there')),
                ('rows_rejected', models.BigIntegerField(null=True, verbose_name='rejected')),
                ('summary', models.JSONField(blank=True, default=dict, help_text='Counts and sums shown on the result page.')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
                ('job_run', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='backoffice.jobrun')),
                ('uploaded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by')),
            ],
            options={
                'verbose_name': 'file import',
                'verbose_name_plural': 'file imports',
                'ordering': ['-created_at'],
                'permissions': [('import_orders', 'Can import files of orders and customers')],
            },
        ),
        migrations.CreateModel(
            name='RejectedRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row_number', models.BigIntegerField(verbose_name='row')),
                ('field', models.CharField(max_length=100, verbose_name='field')),
                ('value', models.CharField(blank=True, max_length=200, verbose_name='value')),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
                ('row', models.TextField(blank=True, help_text='The row as it stood in the file.')),
                ('file_import', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rejected', to='intake.fileimport')),
            ],
            options={
                'ordering': ['row_number'],
            },
        ),
    ]
