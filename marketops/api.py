"""The routes of /api/v1/: each app brings its own."""

from django.urls import include, path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response


@extend_schema(exclude=True)
@api_view(["GET", "POST", "PUT", "PATCH", "DELETE"])
@permission_classes([AllowAny])
def nothing_here(request: Request, path: str = "") -> Response:
    """Unknown addresses answer as the rest of the API does, in problem details."""
    raise NotFound(_("There is no such route: /api/docs/ lists them."))


urlpatterns = [
    path("", include("shop.api")),
    path("", include("intake.api")),
    path("", include("profiles.api")),
    path("", include("predictions.api")),
    path("", include("segments.api")),
    path("", include("recommendations.api")),
    path("", include("ads.api")),
    path("", include("campaigns.api")),
    path("<path:path>", nothing_here),
]
