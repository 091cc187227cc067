"""Recommendations for partner tools."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backoffice.api.permissions import PermittedView
from recommendations.datasets.offers import offers_for
from recommendations.models import CustomerRecommendations, RecommendationRun
from shop.models import Customer


class MaySeeRecommendations(PermittedView):
    """Views for those who may see recommendations."""

    permission = "recommendations.view_recommendationrun"


class OfferSerializer(serializers.Serializer[Any]):
    """One product on a customer's list, best first."""

    sku = serializers.CharField(source="product.sku")
    title = serializers.CharField(source="product.title")
    category = serializers.CharField(source="product.category")
    price = serializers.DecimalField(source="product.price", max_digits=18, decimal_places=4, allow_null=True)
    currency = serializers.CharField(source="product.currency")
    image_url = serializers.CharField(source="product.image_url")
    url = serializers.CharField(source="product.url")
    score = serializers.FloatField(help_text="Orders the offers of one customer; it has no unit.")
    reason = serializers.CharField(help_text="To the customer, in the language of Accept-Language.")
    because_sku = serializers.CharField(
        source="because.sku",
        default=None,
        allow_null=True,
        help_text="What in their history speaks for it most: the product itself where they looked at it and have not bought it.",
    )


class CustomerRecommendationsSerializer(serializers.Serializer[Any]):
    customer_id = serializers.CharField(help_text="The shop's own customer number.")
    method = serializers.ChoiceField(
        choices=RecommendationRun.Method.choices,
        allow_null=True,
        help_text="als: a personal list; popular: the popular products; null: nothing was published yet.",
    )
    run = serializers.IntegerField(allow_null=True)
    as_of = serializers.DateTimeField(allow_null=True, help_text="The list rests on facts before this time.")
    results = OfferSerializer(many=True)


class QuerySerializer(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=1, max_value=20, default=20)


class CustomerRecommendationsView(MaySeeRecommendations, APIView):
    """What a customer is offered, best first, with the reason."""

    @extend_schema(
        operation_id="customer_recommendations",
        responses=CustomerRecommendationsSerializer,
        parameters=[
            OpenApiParameter("limit", OpenApiTypes.INT, description="At most this many, from 1 to 20 (20).")
        ],
    )
    def get(self, request: Request, external_id: str) -> Response:
        query = QuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        customer = generics.get_object_or_404(Customer, external_id=external_id)
        run = RecommendationRun.objects.published()
        personal = CustomerRecommendations.objects.in_force().filter(customer=customer).exists()
        method = RecommendationRun.Method.ALS if personal else RecommendationRun.Method.POPULAR
        answer = {
            "customer_id": external_id,
            "method": method if run else None,
            "run": run and run.pk,
            "as_of": run and run.as_of,
            "results": offers_for([customer.pk], query.validated_data["limit"])[customer.pk],
        }
        return Response(CustomerRecommendationsSerializer(answer).data)


class RecommendationRunSerializer(serializers.ModelSerializer[RecommendationRun]):
    in_force = serializers.BooleanField(source="is_in_force")

    class Meta:
        model = RecommendationRun
        fields = [
            "id",
            "method",
            "as_of",
            "created_at",
            "in_force",
            "customers",
            "fallback_customers",
            "products",
            "parameters",
            "evaluation",
        ]


class RecommendationRunList(MaySeeRecommendations, generics.ListAPIView[RecommendationRun]):
    """The latest runs, newest first, with their comparison against the popular products."""

    queryset = RecommendationRun.objects.prefetch_related("published_for")
    serializer_class = RecommendationRunSerializer


urlpatterns = [
    path("customers/<str:external_id>/recommendations/", CustomerRecommendationsView.as_view()),
    path("recommendation-runs/", RecommendationRunList.as_view()),
]
