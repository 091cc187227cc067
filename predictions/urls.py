"""Addresses of the pages."""

from django.urls import path

from predictions import views

app_name = "predictions"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("customer/<int:pk>/", views.customer_panel, name="customer-panel"),
    path("<slug:kind>/", views.detail, name="detail"),
    path("<slug:kind>/export.csv", views.export, name="export"),
]
