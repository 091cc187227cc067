"""Addresses of the pages."""

from django.urls import path

from profiles import views

app_name = "profiles"
urlpatterns = [
    path("features/", views.overview, name="features"),
    path("features/add/", views.add, name="feature-add"),
    path("features/<int:pk>/retire/", views.retire, name="feature-retire"),
]
