"""Recommendations for partner tools."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backoffice.api.permissions import PermittedView
from backoffice.fields import to_json
from recommendations.algorithms.methods import BASELINE
from recommendations.models import RecommendationRun
from recommendations.presenters.left_out import why_popular
from recommendations.presenters.methods import METHOD_CHOICES
from recommendations.serving import serve
from shop.models import Customer

PERMISSION = "recommendations.view_recommendationrun"


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
        help_text="What in their history speaks for it most: the product itself where they viewed it and "
        "have not bought it.",
    )


class CustomerRecommendationsSerializer(serializers.Serializer[Any]):
    customer_id = serializers.CharField(help_text="The shop's own customer number.")
    method = serializers.ChoiceField(
        choices=METHOD_CHOICES,
        allow_null=True,
        help_text=f"What made the list. {BASELINE.name}: the popular products. null: nothing is published.",
    )
    run = serializers.IntegerField(allow_null=True)
    as_of = serializers.DateTimeField(allow_null=True, help_text="The list rests on facts before this time.")
    popular_because = serializers.CharField(
        allow_null=True,
        help_text="Why these are the popular products and no list of their own, in the language of "
        "Accept-Language. null: the list is personal, or nothing is published.",
    )
    results = OfferSerializer(many=True)


class QuerySerializer(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=1, max_value=20, default=20)


class CustomerRecommendationsView(PermittedView, APIView):
    """What a customer is offered, best first, with the reason."""

    permission = PERMISSION

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
        served = serve([customer.pk], query.validated_data["limit"])[customer.pk]
        answer = {
            "customer_id": external_id,
            "method": run and (run.method if served.personal else BASELINE.name),
            "run": run and run.pk,
            "as_of": run and run.as_of,
            "popular_because": None
            if run is None or served.personal
            else why_popular(run, [customer.pk])[customer.pk],
            "results": served.offers,
        }
        return Response(CustomerRecommendationsSerializer(answer).data)


class RecommendationRunSerializer(serializers.ModelSerializer[RecommendationRun]):
    """A run. `parameters`: the hyper-parameters of its method. `evaluation.comparison`: metrics of each
    method on purchases of the test window, with 95 % intervals; null where `evaluation.missing` says why.
    `left_out`: the customers with the popular list, by the reason."""

    evaluation = serializers.SerializerMethodField()
    left_out = serializers.SerializerMethodField()
    method = serializers.ChoiceField(choices=METHOD_CHOICES)

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
            "left_out",
            "products",
            "parameters",
            "evaluation",
        ]

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_evaluation(self, run: RecommendationRun) -> Any:
        return to_json(run.evaluation)

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_left_out(self, run: RecommendationRun) -> Any:
        return to_json(run.left_out)


class RecommendationRunList(PermittedView, generics.ListAPIView[RecommendationRun]):
    """The latest runs, newest first, with their comparison against the popular products."""

    permission = PERMISSION
    queryset = RecommendationRun.objects.all()
    serializer_class = RecommendationRunSerializer


urlpatterns = [
    path("customers/<str:external_id>/recommendations/", CustomerRecommendationsView.as_view()),
    path("recommendation-runs/", RecommendationRunList.as_view()),
]
