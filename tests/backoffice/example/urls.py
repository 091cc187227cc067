"""Two small API views, for the tests of what every view shares."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backoffice.api.idempotency import idempotent
from backoffice.errors import Refused
from backoffice.models import AuditEntry


class Body(serializers.Serializer):
    amount = serializers.IntegerField(min_value=1)


class Pay(APIView):
    """Each payment that is really made leaves a row."""

    @idempotent
    def post(self, request: Request) -> Response:
        body = Body(data=request.data)
        body.is_valid(raise_exception=True)
        if body.validated_data["amount"] > 1000:
            raise Refused("At most 1000 at a time: split the payment.", field="amount")
        entry = AuditEntry.objects.create(
            verb="test.pay", object_type="test", object_id=str(body.validated_data["amount"])
        )
        return Response({"payment": entry.pk}, status=201)


class Forbidden(APIView):
    def get(self, request: Request) -> Response:
        raise PermissionDenied("Your role does not allow this.")


urlpatterns = [path("pay/", Pay.as_view()), path("forbidden/", Forbidden.as_view())]
