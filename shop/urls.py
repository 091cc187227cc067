from django.http import HttpResponse
from django.urls import path

app_name = "shop"
urlpatterns = [
    path("stub-customers/", lambda request: HttpResponse("soon"), name="customers"),
    path("stub-imports/", lambda request: HttpResponse("soon"), name="imports"),
]
