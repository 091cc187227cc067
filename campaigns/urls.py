from django.http import HttpResponse
from django.urls import path

from campaigns.views import unsubscribe

app_name = "campaigns"
urlpatterns = [
    path("stub-placements/", lambda request: HttpResponse("soon"), name="placements"),
    path("stub-budget/", lambda request: HttpResponse("soon"), name="budget"),
    path("stub-list/", lambda request: HttpResponse("soon"), name="list"),
    path("stub-approvals/", lambda request: HttpResponse("soon"), name="approvals"),
    path("stub-messages/", lambda request: HttpResponse("soon"), name="messages"),
    path("stub-mailbox/", lambda request: HttpResponse("soon"), name="mailbox"),
    path("unsubscribe/<str:token>/", unsubscribe.unsubscribe_page, name="unsubscribe"),
]
