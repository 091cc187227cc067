import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketops.settings")
application = get_wsgi_application()

from django.db import connection  # noqa: E402 - once Django is set up

from marketops.logins import refuse_demo_passwords  # noqa: E402 - models are there once Django is set up

refuse_demo_passwords()
connection.close()  # workers that are forked from this process must not share it
