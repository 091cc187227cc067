from django.urls import path

from segments.views import gallery, groups

app_name = "segments"
urlpatterns = [
    path("", gallery.gallery, name="gallery"),
    path("find-anew/", gallery.find_anew, name="find-anew"),
    path("customer/<int:pk>/", groups.customer_panel, name="customer-panel"),
    path("<int:pk>/", groups.detail, name="detail"),
    path("<int:pk>/rename/", groups.rename, name="rename"),
    path("<int:pk>/export/", groups.export, name="export"),
]
