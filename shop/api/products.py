"""Products for partner tools."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers

from shop.api.facts import FactViewSet
from shop.models import Product

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
