from django.urls import path

from shop.views import customers, profile

app_name = "shop"
urlpatterns = [
    path("shop/", profile.profile, name="profile"),
    path("customers/", customers.customers, name="customers"),
    path("customers/export.csv", customers.export, name="customers-export"),
    path("customers/without-address.csv", customers.without_address, name="customers-without-address"),
    path("customers/test-addresses/", customers.test_addresses, name="customers-test-addresses"),
    path("customers/<int:pk>/", customers.customer, name="customer"),
    path("customers/<int:pk>/timeline/", customers.customer_timeline, name="customer-timeline"),
    path("customers/<int:pk>/consent/", customers.consent, name="customer-consent"),
    path("customers/<int:pk>/data.json", customers.export_data, name="customer-export-data"),
    path("customers/<int:pk>/erase/", customers.erase, name="customer-erase"),
]
