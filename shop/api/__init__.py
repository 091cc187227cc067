"""Customers and products for partner tools. (`shop.api.profile`: the shop's name; `intake.api.events`: what
its systems report.)"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.urls import include, path
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from backoffice.api.permissions import caller
from backoffice.errors import require
from shop.models import Customer, Product

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
PRODUCT = OpenApiExample(
    "A product",
    response_only=True,
    value={
        "sku": "P0017",
        "title": "Merino jumper, navy",
        "category": "Men's clothing",
        "brand": "Northfold",
        "price": "54.9900",
        "currency": "GBP",
        "stock": 61,
        "image_url": "/static/demo/men-0.svg",
        "url": "https://shop.example.com/p/0017",
        "kind": "product",
        "active": True,
        "attributes": {"colour": "navy"},
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


class ProductSerializer(serializers.ModelSerializer[Product]):
    class Meta:
        model = Product
        fields = [
            "sku",
            "title",
            "category",
            "brand",
            "price",
            "currency",
            "stock",
            "image_url",
            "url",
            "kind",
            "active",
            "attributes",
        ]


class CustomerFilter(filters.FilterSet):
    external_id = filters.CharFilter()
    email = filters.CharFilter(lookup_expr="iexact", help_text="The exact address, in any case.")

    class Meta:
        model = Customer
        fields = ["external_id", "email", "country"]


@cache
def _reader(serializer_class: type[serializers.BaseSerializer[Any]]) -> serializers.BaseSerializer[Any]:
    """A serializer to read rows with, whatever the request: building its fields anew took a third of a
    request."""
    return serializer_class()


class FactViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):  # type: ignore[type-arg]  # not generic
    """Facts to read; `permission` is asked of the key's owner."""

    permission = ""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require(caller(request), self.permission)

    def filter_queryset(self, queryset: Any) -> Any:
        """Filters narrow lists; reading one row by its key does not pay for building them."""
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        reader = _reader(self.get_serializer_class())  # type: ignore[arg-type]  # a class is hashable, whatever the stubs say
        return Response(reader.to_representation(self.get_object()))


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


@extend_schema(tags=["products"], examples=[PRODUCT])
@extend_schema_view(
    list=extend_schema(summary="Products, newest first"), retrieve=extend_schema(summary="One product")
)
class ProductViewSet(FactViewSet):
    queryset = Product.objects.all()
    serializer_class = ProductSerializer
    filterset_fields = ["sku", "category", "brand", "kind", "active"]
    lookup_field = "sku"
    lookup_value_regex = "[^/]+"
    permission = "shop.view_product"


router = SimpleRouter()
router.register("customers", CustomerViewSet)
router.register("products", ProductViewSet)
urlpatterns = [path("", include(router.urls)), path("", include("shop.api.profile"))]
