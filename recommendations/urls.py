from django.urls import path

from recommendations import views

app_name = "recommendations"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("customer/<int:pk>/", views.customer_panel, name="customer-panel"),
]
