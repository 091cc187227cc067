"""Customers for partner tools."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.api.permissions import caller
from backoffice.readers import sees_personal_data
from shop.actions.personal_data import note_reading
from shop.api.facts import FactViewSet
from shop.models import Customer

CUSTOMER = OpenApiExample(
    "A customer",
    response_only=True,
    value={
        "external_id": "C00042",
        "email": "grace.hall.42@example.com",
        "phone": "+44 7700 900042",
        "first_name": "Grace",
        "last_name": "Hall",
        "locale": "en-GB",
        "country": "United Kingdom",
        "attributes": {"age": 41, "city": "Leeds"},
        "created_at": "2025-03-02T09:14:00Z",
    },
)


BLANK: dict[str, Any] = {"email": "", "phone": "", "first_name": "", "last_name": "", "attributes": {}}


class CustomerSerializer(serializers.ModelSerializer[Customer]):
    class Meta:
        model = Customer
        fields = [
            "external_id",
            "email",
            "phone",
            "first_name",
            "last_name",
            "locale",
            "country",
            "attributes",
            "created_at",
        ]

    def to_representation(self, instance: Customer) -> dict[str, Any]:
        """Personal data are blank for whoever may not see them."""
        shown = super().to_representation(instance)
        return shown if sees_personal_data() else shown | BLANK


class CustomerFilter(filters.FilterSet):
    external_id = filters.CharFilter()
    email = filters.CharFilter(lookup_expr="iexact", help_text="The exact address, in any case.")

    class Meta:
        model = Customer
        fields = ["external_id", "email", "country"]


@extend_schema(tags=["customers"], examples=[CUSTOMER])
@extend_schema_view(
    list=extend_schema(
        summary="Customers, newest first",
        description="A caller without the right to see personal data reads `email`, `phone`, `first_name`, "
        "`last_name` and `attributes` blank, and may not filter by address. The audit trail notes each hour "
        "in which somebody reads lists of addresses.",
    ),
    retrieve=extend_schema(summary="One customer"),
)
class CustomerViewSet(FactViewSet):
    queryset = Customer.objects.all()
    serializer_class = CustomerSerializer
    filterset_class = CustomerFilter
    lookup_field = "external_id"
    lookup_value_regex = "[^/]+"
    permission = "shop.view_customer"

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if sees_personal_data():
            note_reading(by=caller(request))
        elif "email" in request.query_params:
            raise PermissionDenied(_("Your role may not look for addresses: leave out `email`."))
        return super().list(request, *args, **kwargs)
