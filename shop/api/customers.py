"""Customers for partner tools."""

from __future__ import annotations

from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers

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


class CustomerFilter(filters.FilterSet):
    external_id = filters.CharFilter()
    email = filters.CharFilter(lookup_expr="iexact", help_text="The exact address, in any case.")

    class Meta:
        model = Customer
        fields = ["external_id", "email", "country"]


@extend_schema(tags=["customers"], examples=[CUSTOMER])
@extend_schema_view(
    list=extend_schema(summary="Customers, newest first"), retrieve=extend_schema(summary="One customer")
)
class CustomerViewSet(FactViewSet):
    queryset = Customer.objects.all()
    serializer_class = CustomerSerializer
    filterset_class = CustomerFilter
    lookup_field = "external_id"
    lookup_value_regex = "[^/]+"
    permission = "shop.view_customer"
