from django.urls import path

from campaigns.views import campaigns, messages

app_name = "campaigns"
urlpatterns = [
    path("", campaigns.campaign_list, name="list"),
    path("new/", campaigns.campaign_new, name="new"),
    path("consequences/", campaigns.consequences, name="consequences"),
    path("approvals/", campaigns.approvals, name="approvals"),
    path("<int:pk>/", campaigns.campaign_detail, name="detail"),
    path("<int:pk>/edit/", campaigns.campaign_edit, name="edit"),
    path("<int:pk>/duplicate/", campaigns.duplicate, name="duplicate"),
    path("<int:pk>/numbers/", campaigns.numbers, name="numbers"),
    path("<int:pk>/progress/", campaigns.progress, name="progress"),
    path("<int:pk>/people/", campaigns.deliveries, name="deliveries"),
    path("customer/<int:pk>/", campaigns.customer_panel, name="customer-panel"),
    path("messages/", messages.message_list, name="messages"),
    path("messages/new/", messages.message_edit, name="message-new"),
    path("messages/preview/", messages.preview, name="message-preview"),
    path("messages/<int:pk>/", messages.message_edit, name="message-edit"),
    path("messages/<int:pk>/test/", messages.test_message, name="message-test"),
    *[path(f"<int:pk>/{deed}/", campaigns.act, {"deed": deed}, name=deed) for deed in campaigns.DEEDS],
]
