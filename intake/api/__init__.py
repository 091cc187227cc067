"""Routes under /api/v1/: none. `intake.api.events` answers at /v1/, where SDKs of the Segment spec send."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
