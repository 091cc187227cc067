from django.http import HttpResponse
from django.urls import path

app_name = "recommendations"
urlpatterns = [
    path("stub-overview/", lambda request: HttpResponse("soon"), name="overview"),
]
