from django.urls import path

from segments import views

app_name = "segments"
urlpatterns = [
    path("", views.gallery, name="gallery"),
    path("find-anew/", views.find_anew, name="find-anew"),
    path("customer/<int:pk>/", views.customer_panel, name="customer-panel"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/rename/", views.rename, name="rename"),
    path("<int:pk>/export/", views.export, name="export"),
]
