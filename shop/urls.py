from django.urls import path

from shop.views import consents, customer, customers, personal_data, profile, test_addresses

app_name = "shop"
urlpatterns = [
    path("shop/", profile.profile, name="profile"),
    path("customers/", customers.customers, name="customers"),
    path("customers/export.csv", customers.export, name="customers-export"),
    path("customers/without-address.csv", customers.without_address, name="customers-without-address"),
    path("customers/test-addresses/", test_addresses.test_addresses, name="customers-test-addresses"),
    path("customers/<int:pk>/", customer.customer, name="customer"),
    path("customers/<int:pk>/timeline/", customer.customer_timeline, name="customer-timeline"),
    path("customers/<int:pk>/consent/", consents.consent, name="customer-consent"),
    path("customers/<int:pk>/data.json", personal_data.export_data, name="customer-export-data"),
    path("customers/<int:pk>/erase/", personal_data.erase, name="customer-erase"),
]
