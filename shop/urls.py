from django.http import HttpResponse
from django.urls import path

from shop.views import imports

app_name = "shop"
urlpatterns = [
    path("stub-customers/", lambda request: HttpResponse("soon"), name="customers"),
    path("stub-customer/<int:pk>/", lambda request, pk: HttpResponse("soon"), name="customer"),
    path("imports/", imports.imports, name="imports"),
    path("imports/new/", imports.upload, name="import-upload"),
    path("imports/<int:pk>/", imports.order_import, name="import"),
    path("imports/<int:pk>/columns/", imports.columns, name="import-columns"),
    path("imports/<int:pk>/again/", imports.again, name="import-again"),
    path("imports/<int:pk>/cancel/", imports.cancel, name="import-cancel"),
    path("imports/<int:pk>/rejected.csv", imports.rejected_rows, name="import-rejected"),
]
