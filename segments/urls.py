from django.http import HttpResponse
from django.urls import path

app_name = "segments"
urlpatterns = [
    path("stub-gallery/", lambda request: HttpResponse("soon"), name="gallery"),
]
