"""The home dashboard and the health probe."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from backoffice.pages import StaffRequest, page, staff_page


@staff_page()
def home(request: StaffRequest) -> HttpResponse:
    return page(request, "home.html", title=_("Home"))


def health(request: HttpRequest) -> HttpResponse:
    """For load balancers: 200 while the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
