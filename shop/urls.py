from django.urls import path

from shop.views import customers, imports, profile

app_name = "shop"
urlpatterns = [
    path("shop/", profile.profile, name="profile"),
    path("customers/", customers.customers, name="customers"),
    path("customers/export.csv", customers.export, name="customers-export"),
    path("customers/import/", imports.upload_customers, name="customers-import"),
    path("customers/without-address.csv", customers.without_address, name="customers-without-address"),
    path("customers/test-addresses/", customers.test_addresses, name="customers-test-addresses"),
    path("customers/<int:pk>/", customers.customer, name="customer"),
    path("customers/<int:pk>/timeline/", customers.customer_timeline, name="customer-timeline"),
    path("customers/<int:pk>/consent/", customers.consent, name="customer-consent"),
    path("customers/<int:pk>/erase/", customers.erase, name="customer-erase"),
    path("imports/", imports.imports, name="imports"),
    path("imports/new/", imports.upload, name="import-upload"),
    path("imports/<int:pk>/", imports.order_import, name="import"),
    path("imports/<int:pk>/columns/", imports.columns, name="import-columns"),
    path("imports/<int:pk>/again/", imports.again, name="import-again"),
    path("imports/<int:pk>/cancel/", imports.cancel, name="import-cancel"),
    path("imports/<int:pk>/rejected.csv", imports.rejected_rows, name="import-rejected"),
]
