from django.urls import path

from campaigns.views import approvals, audiences, campaigns, deliveries, messages

app_name = "campaigns"
urlpatterns = [
    path("", campaigns.campaign_list, name="list"),
    path("new/", campaigns.campaign_new, name="new"),
    path("audience/", audiences.preview, name="audience-preview"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("<int:pk>/", campaigns.campaign_detail, name="detail"),
    path("<int:pk>/edit/", campaigns.campaign_edit, name="edit"),
    path("<int:pk>/duplicate/", campaigns.duplicate, name="duplicate"),
    path("<int:pk>/audience/", audiences.audience_of, name="audience"),
    path("<int:pk>/progress/", campaigns.progress, name="progress"),
    path("<int:pk>/people/", deliveries.deliveries, name="deliveries"),
    path("customer/<int:pk>/", deliveries.customer_panel, name="customer-panel"),
    path("messages/", messages.message_list, name="messages"),
    path("messages/new/", messages.message_edit, name="message-new"),
    path("messages/preview/", messages.preview, name="message-preview"),
    path("messages/<int:pk>/", messages.message_edit, name="message-edit"),
    path("messages/<int:pk>/test/", messages.test_message, name="message-test"),
    *[
        path(f"<int:pk>/{transition}/", approvals.move, {"transition": transition}, name=transition)
        for transition in approvals.TRANSITIONS
    ],
]
