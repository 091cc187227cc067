from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('segments', '0002_currency_of_a_run'),
    ]

    operations = [
        migrations.AddField('segmentrun', 'topic', models.SlugField(blank=True, default='', max_length=60), preserve_default=False),
        migrations.AlterField('publishedrun', 'method', models.CharField(choices=[('kmeans', 'Behaviour groups (k-means)'), ('rfm', 'RFM classes')], max_length=10)),
        migrations.AddField('publishedrun', 'id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
        migrations.AddField('publishedrun', 'topic', models.SlugField(blank=True, default='', max_length=60), preserve_default=False),
        migrations.AddConstraint('publishedrun', models.UniqueConstraint(fields=('method', 'topic'), name='published_once')),
    ]
