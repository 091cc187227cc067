"""Messages for partner tools: which there are, and new ones."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.api.idempotency import idempotent
from backoffice.api.permissions import PermittedView, caller, key_of
from campaigns.actions.messages import save_message
from campaigns.models import Message
from campaigns.presenters.omissions import not_sent


class MessageSerializer(serializers.ModelSerializer[Message]):
    """`id` is what a campaign takes as its `message`. `name` is for staff; `language` is that of the text."""

    body = serializers.CharField(
        write_only=True,
        help_text="{{ first_name }}, {{ last_name }}, {{ shop_name }} and {{ products }} are filled in for "
        "each person.",
    )

    not_sent = serializers.SerializerMethodField(
        help_text="What of the body is taken away from every letter, each with what to write instead."
    )

    class Meta:
        model = Message
        fields = ["id", "name", "subject", "language", "body", "not_sent"]

    def get_not_sent(self, message: Message) -> list[str]:
        return not_sent(message.body)


@extend_schema(tags=["campaigns"])
class Messages(PermittedView, generics.ListCreateAPIView[Message]):
    """List messages, newest first, or write one. A POST with an Idempotency-Key may be repeated safely."""

    permission = "campaigns.view_message"
    queryset = Message.objects.all()
    serializer_class = MessageSerializer
    filterset_fields = ["language"]

    @idempotent
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        sent = self.get_serializer(data=request.data)
        sent.is_valid(raise_exception=True)
        message = save_message(by=caller(request), key=key_of(request), **sent.validated_data)
        return Response(self.get_serializer(message).data, status=status.HTTP_201_CREATED)


urlpatterns = [path("messages/", Messages.as_view(), name="api-messages")]
