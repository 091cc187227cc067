from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from marketops.views import demo, errors, health, home

urlpatterns = [
    path("", home.home, name="home"),
    path("demo/", demo.demo, name="demo"),
    path("health/", health.health, name="health"),
    path("language/", include("django.conf.urls.i18n")),
    path("admin/", RedirectView.as_view(pattern_name="home")),  # the home page is the index
    path("admin/", admin.site.urls),
    path("jobs/", include("backoffice.urls")),
    path("", include("shop.urls")),
    path("imports/", include("intake.urls")),
    path("profiles/", include("profiles.urls")),
    path("predictions/", include("predictions.urls")),
    path("segments/", include("segments.urls")),
    path("recommendations/", include("recommendations.urls")),
    path("delivery/", include("delivery.urls")),
    path("ads/", include("ads.urls")),
    path("campaigns/", include("campaigns.urls")),
    path("v1/", include("intake.api.events")),
    path("api/v1/", include("marketops.api")),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
]

handler400 = errors.unreadable
handler403 = errors.forbidden
handler404 = errors.missing
handler500 = errors.broken
