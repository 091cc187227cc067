"""Addresses of the pages."""

from django.urls import path

from intake.views import imports

app_name = "intake"
urlpatterns = [
    path("", imports.imports, name="imports"),
    path("orders/", imports.upload, name="upload"),
    path("customers/", imports.upload_customers, name="upload-customers"),
    path("<int:pk>/", imports.file_import, name="import"),
    path("<int:pk>/columns/", imports.columns, name="columns"),
    path("<int:pk>/again/", imports.again, name="again"),
    path("<int:pk>/cancel/", imports.cancel, name="cancel"),
    path("<int:pk>/rejected.csv", imports.rejected_rows, name="rejected"),
]
