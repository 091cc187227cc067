"""The routes of /api/v1/: each app brings its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("shop.api")),
    path("", include("segments.api")),
    path("", include("recommendations.api")),
    path("", include("campaigns.api")),
]
