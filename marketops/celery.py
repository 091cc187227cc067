"""The Celery application. Queues: quick, import, learn, delivery, maintenance."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketops.settings")

app = Celery("marketops")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
