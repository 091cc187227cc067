"""Predictions for partner tools."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import generics, serializers

from backoffice.api.pagination import NewestFirst
from backoffice.api.permissions import PermittedView
from backoffice.fields import to_json
from predictions.models import Prediction, PredictionKind, PredictionRun
from predictions.presenters.reasons import reasons
from predictions.presenters.refusals import refusal
from predictions.presenters.summaries import category, meaning
from shop.models import Customer

STRINGS: Any = serializers.ListSerializer(child=serializers.CharField())


class CardField(serializers.JSONField):
    """An estimator card as JSON; its fields are those of `predictions.cards`."""

    def to_representation(self, value: Any) -> Any:
        return to_json(value)


class MaySeePredictions(PermittedView):
    """Views for those who may see predictions."""

    permission = "predictions.view_predictionrun"


class PredictionRunSerializer(serializers.ModelSerializer[PredictionRun]):
    """A prediction in force and its estimator card."""

    title = serializers.CharField(source="get_kind_display")
    meaning = serializers.SerializerMethodField()
    method = serializers.CharField(source="champion")
    refusal = serializers.SerializerMethodField(
        help_text="Why nothing was learned and what stands in; empty where it was."
    )
    card = CardField(help_text="Data, candidates with metrics and intervals, curves, fairness.")

    class Meta:
        model = PredictionRun
        fields = [
            "kind",
            "title",
            "meaning",
            "as_of",
            "created_at",
            "horizon_days",
            "customers",
            "currency",
            "method",
            "refusal",
            "card",
        ]

    @extend_schema_field(str)
    def get_meaning(self, run: PredictionRun) -> str:
        return meaning(run)

    @extend_schema_field(str)
    def get_refusal(self, run: PredictionRun) -> str:
        return refusal(run)


class _PredictionSerializer(serializers.ModelSerializer[Prediction]):
    category = serializers.SerializerMethodField(help_text="Of the kind `category`: the one expected next.")
    reasons = serializers.SerializerMethodField(
        help_text="In the language of Accept-Language, strongest first."
    )

    @extend_schema_field(str)
    def get_category(self, prediction: Prediction) -> str:
        return category(prediction.run, prediction.choice)

    @extend_schema_field(STRINGS)
    def get_reasons(self, prediction: Prediction) -> list[str]:
        return reasons(prediction)


class CustomerPredictionSerializer(_PredictionSerializer):
    """What one customer will probably do. `value` is a probability, or money in `currency` for the kind
    `lifetime`."""

    kind = serializers.ChoiceField(source="run.kind", choices=PredictionKind.choices)
    as_of = serializers.DateTimeField(source="run.as_of")
    currency = serializers.CharField(source="run.currency")
    fallback = serializers.SerializerMethodField(
        help_text="Why nothing was learned and what stands in; empty where it was."
    )

    class Meta:
        model = Prediction
        fields = ["kind", "value", "currency", "category", "reasons", "fallback", "as_of"]

    @extend_schema_field(str)
    def get_fallback(self, prediction: Prediction) -> str:
        return refusal(prediction.run)


class PredictedCustomerSerializer(_PredictionSerializer):
    """One customer with the value of one prediction."""

    customer_id = serializers.CharField(
        source="customer.external_id", help_text="The shop's own customer number."
    )

    class Meta:
        model = Prediction
        fields = ["customer_id", "value", "category", "reasons"]


class PredictionList(MaySeePredictions, generics.ListAPIView[PredictionRun]):
    """The predictions in force with their cards."""

    queryset = PredictionRun.objects.in_force().order_by("kind")
    serializer_class = PredictionRunSerializer
    pagination_class = None


class HighestFirst(NewestFirst):
    ordering = ("-value", "-customer_id")


class PredictedCustomers(MaySeePredictions, generics.ListAPIView[Prediction]):
    """Everybody's value of one prediction, highest first, page by page. When newer predictions come into
    force during a walk, its cursor is refused (400): begin again."""

    serializer_class = PredictedCustomerSerializer
    pagination_class = HighestFirst

    def get_queryset(self) -> QuerySet[Prediction]:
        if getattr(self, "swagger_fake_view", False):
            return Prediction.objects.none()
        run = generics.get_object_or_404(PredictionRun.objects.in_force(), kind=self.kwargs["kind"])
        self.run, self.edition = run, str(run.pk)
        return Prediction.objects.filter(run=run).select_related("customer")

    def paginate_queryset(self, queryset: Any) -> Any:
        """All rows share one run: its card is read once."""
        rows = super().paginate_queryset(queryset)
        for prediction in rows or []:
            prediction.run = self.run
        return rows


@extend_schema_view(get=extend_schema(operation_id="customer_predictions_list"))
class CustomerPredictions(MaySeePredictions, generics.ListAPIView[Prediction]):
    """What a customer will probably do, and why."""

    serializer_class = CustomerPredictionSerializer
    pagination_class = None

    def get_queryset(self) -> QuerySet[Prediction]:
        if getattr(self, "swagger_fake_view", False):
            return Prediction.objects.none()
        customer: Any = generics.get_object_or_404(Customer, external_id=self.kwargs["external_id"])
        return Prediction.objects.in_force().filter(customer=customer).order_by("run__kind")


urlpatterns = [
    path("predictions/", PredictionList.as_view()),
    path("predictions/<slug:kind>/customers/", PredictedCustomers.as_view()),
    path("customers/<str:external_id>/predictions/", CustomerPredictions.as_view()),
]
