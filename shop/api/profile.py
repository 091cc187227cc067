"""The shop's own name for partner tools."""

from __future__ import annotations

from typing import Any, cast

from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backoffice.errors import require
from backoffice.models import User
from shop.actions.profile import rename_shop
from shop.models import ShopProfile

SHOP = OpenApiExample("The shop", value={"name": "Northfold", "shown_name": "Northfold"}, response_only=True)


class ShopProfileSerializer(serializers.ModelSerializer[ShopProfile]):
    shown_name = serializers.CharField(
        read_only=True, help_text="What customers read: the name, else the sender's."
    )

    class Meta:
        model = ShopProfile
        fields = ["name", "shown_name"]
        extra_kwargs = {
            "name": {"required": True, "help_text": "Empty: the name of the sender in DEFAULT_FROM_EMAIL."}
        }


@extend_schema(tags=["shop"], request=ShopProfileSerializer, responses=ShopProfileSerializer, examples=[SHOP])
class ShopProfileView(APIView):
    @extend_schema(operation_id="shop", summary="The shop's name")
    def get(self, request: Request) -> Response:
        require(cast(User, request.user), "shop.view_shopprofile")
        return self._answer(ShopProfile.objects.current())

    @extend_schema(operation_id="rename_shop", summary="Name the shop")
    def put(self, request: Request) -> Response:
        serializer = ShopProfileSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return self._answer(rename_shop(by=cast(User, request.user), name=serializer.validated_data["name"]))

    def _answer(self, profile: ShopProfile) -> Response:
        data: Any = ShopProfileSerializer(profile).data
        return Response(data)


urlpatterns = [path("shop/", ShopProfileView.as_view(), name="api-shop")]
