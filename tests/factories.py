"""One factory for each model. Values are the plainest that the database accepts; tests name what matters to
them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from ads import models as ads
from backoffice.models import ApiKey, JobRun, User
from campaigns import models as campaigns
from delivery import models as delivery
from intake import models as intake
from predictions import models as predictions
from profiles import models as profiles
from recommendations import models as recommendations
from recommendations.algorithms.methods import BASELINE
from segments import models as segments
from shop import models as shop

A_WHILE_AGO = datetime(2026, 1, 15, 12, tzinfo=UTC)


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"staff{n}")
    is_staff = True


class ApiKeyFactory(DjangoModelFactory[ApiKey]):
    """`ApiKeyFactory(owner=mara).key` is the secret to send."""

    class Meta:
        model = ApiKey

    name = "partner tool"
    owner = factory.SubFactory(UserFactory)

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> ApiKey:
        api_key, secret = model_class.objects.create_key(*args, **kwargs)
        api_key.key = secret
        return api_key


class JobRunFactory(DjangoModelFactory[JobRun]):
    class Meta:
        model = JobRun

    name = "test.job"


class CustomerFactory(DjangoModelFactory[shop.Customer]):
    class Meta:
        model = shop.Customer

    external_id = factory.Sequence(lambda n: f"C{n:05d}")
    email = factory.LazyAttribute(lambda customer: f"{customer.external_id.lower()}@example.com")
    first_name = "Grace"
    last_name = "Hall"
    country = "United Kingdom"
    created_at = A_WHILE_AGO


class ProductFactory(DjangoModelFactory[shop.Product]):
    class Meta:
        model = shop.Product

    sku = factory.Sequence(lambda n: f"P{n:04d}")
    title = factory.LazyAttribute(lambda product: f"Product {product.sku}")
    category = "Shoes"
    price = Decimal("20.00")
    currency = "GBP"


class OrderFactory(DjangoModelFactory[shop.Order]):
    class Meta:
        model = shop.Order

    number = factory.Sequence(lambda n: f"D{n:06d}")
    customer = factory.SubFactory(CustomerFactory)
    placed_at = A_WHILE_AGO
    currency = "GBP"


class OrderLineFactory(DjangoModelFactory[shop.OrderLine]):
    class Meta:
        model = shop.OrderLine

    order = factory.SubFactory(OrderFactory)
    product = factory.SubFactory(ProductFactory)
    key = factory.Sequence(str)
    quantity = 1
    unit_price = Decimal("20.00")


class EventFactory(DjangoModelFactory[shop.Event]):
    class Meta:
        model = shop.Event

    occurred_at = A_WHILE_AGO
    customer = factory.SubFactory(CustomerFactory)
    kind = shop.Event.Kind.VIEW
    name = "Product Viewed"


class EventReceiptFactory(DjangoModelFactory[intake.EventReceipt]):
    class Meta:
        model = intake.EventReceipt

    message_id = factory.Sequence(lambda n: f"message-{n}")


class ConsentFactory(DjangoModelFactory[shop.Consent]):
    class Meta:
        model = shop.Consent

    customer = factory.SubFactory(CustomerFactory)
    channel = shop.Channel.EMAIL
    granted = True
    source = shop.Consent.Source.FORM
    recorded_at = A_WHILE_AGO


class FileImportFactory(DjangoModelFactory[intake.FileImport]):
    class Meta:
        model = intake.FileImport

    file = "imports/orders.csv"
    filename = "orders.csv"
    sha256 = "0" * 64
    format = intake.FileImport.Format.GENERIC


class SegmentFactory(DjangoModelFactory[segments.Segment]):
    class Meta:
        model = segments.Segment

    method = segments.Method.KMEANS
    slug = factory.Sequence(lambda n: f"group-{n}")
    name_key = "Loyal customers"
    colour = "#0072B2"


class SegmentRunFactory(DjangoModelFactory[segments.SegmentRun]):
    class Meta:
        model = segments.SegmentRun

    method = segments.Method.KMEANS
    as_of = A_WHILE_AGO


class SegmentSnapshotFactory(DjangoModelFactory[segments.SegmentSnapshot]):
    class Meta:
        model = segments.SegmentSnapshot

    run = factory.SubFactory(SegmentRunFactory)
    segment = factory.SubFactory(SegmentFactory)
    position = 0
    size = 1
    share = 1.0
    revenue = Decimal(0)
    revenue_share = 1.0


class MembershipFactory(DjangoModelFactory[segments.Membership]):
    class Meta:
        model = segments.Membership

    run = factory.SubFactory(SegmentRunFactory)
    segment = factory.SubFactory(SegmentFactory)
    customer = factory.SubFactory(CustomerFactory)


class RuleFactory(DjangoModelFactory[segments.Rule]):
    class Meta:
        model = segments.Rule

    segment = factory.SubFactory(SegmentFactory, method=segments.Method.RULE)
    tree = {"all": [{"field": "frequency", "op": ">=", "value": 1}]}


class RuleMemberFactory(DjangoModelFactory[segments.RuleMember]):
    class Meta:
        model = segments.RuleMember

    segment = factory.SubFactory(SegmentFactory, method=segments.Method.RULE)
    customer = factory.SubFactory(CustomerFactory)
    since = A_WHILE_AGO


class RuleSizeFactory(DjangoModelFactory[segments.RuleSize]):
    class Meta:
        model = segments.RuleSize

    segment = factory.SubFactory(SegmentFactory, method=segments.Method.RULE)
    day = A_WHILE_AGO.date()
    size = 1
    share = 1.0
    revenue = Decimal(0)
    revenue_share = 0.0


class CustomerCountersFactory(DjangoModelFactory[profiles.CustomerCounters]):
    class Meta:
        model = profiles.CustomerCounters

    customer = factory.SubFactory(CustomerFactory)
    counted_at = A_WHILE_AGO


class GroupingPlanFactory(DjangoModelFactory[segments.GroupingPlan]):
    class Meta:
        model = segments.GroupingPlan

    title = "Who buys what"
    topic = factory.Sequence(lambda n: f"grouping-{n}")
    method = segments.Method.KMEANS
    features = ["frequency", "monetary"]


class LearnedPlanFactory(DjangoModelFactory[segments.LearnedPlan]):
    class Meta:
        model = segments.LearnedPlan

    title = "Like my best"
    topic = factory.Sequence(lambda n: f"learned-{n}")
    source = segments.LearnedPlan.Source.LIST
    size = 100


class CustomFeatureFactory(DjangoModelFactory[profiles.CustomFeature]):
    class Meta:
        model = profiles.CustomFeature

    key = factory.Sequence(lambda n: f"own-{n}")
    title = "Points"
    attribute = factory.Sequence(lambda n: f"points {n}")
    kind = profiles.CustomFeature.Kind.NUMBER
    unit = "number"


class FeatureReviewFactory(DjangoModelFactory[profiles.FeatureReview]):
    class Meta:
        model = profiles.FeatureReview

    as_of = A_WHILE_AGO
    customers = 1
    never_bought = 0


class PredictionRunFactory(DjangoModelFactory[predictions.PredictionRun]):
    class Meta:
        model = predictions.PredictionRun

    kind = predictions.PredictionKind.BUYS_30
    as_of = A_WHILE_AGO
    horizon_days = 30
    champion = "forest"


class PredictionFactory(DjangoModelFactory[predictions.Prediction]):
    class Meta:
        model = predictions.Prediction

    run = factory.SubFactory(PredictionRunFactory)
    customer = factory.SubFactory(CustomerFactory)
    value = 0.5
    reasons = factory.LazyFunction(list)


class RecommendationRunFactory(DjangoModelFactory[recommendations.RecommendationRun]):
    class Meta:
        model = recommendations.RecommendationRun

    method = BASELINE.name
    as_of = A_WHILE_AGO


class PlacementFactory(DjangoModelFactory[ads.Placement]):
    class Meta:
        model = ads.Placement

    name = factory.Sequence(lambda n: f"Placement {n}")
    platform = "Search"
    pricing = ads.Placement.Pricing.CPC
    price = Decimal("0.50")
    currency = "GBP"
    conversion_rate = 0.03
    conversion_value = Decimal("40.00")


class BudgetPlanFactory(DjangoModelFactory[ads.BudgetPlan]):
    class Meta:
        model = ads.BudgetPlan

    as_of = A_WHILE_AGO
    budget = Decimal(1000)
    currency = "GBP"
    status = ads.BudgetPlan.Status.OPTIMAL


class MessageFactory(DjangoModelFactory[campaigns.Message]):
    class Meta:
        model = campaigns.Message

    name = factory.Sequence(lambda n: f"Message {n}")
    subject = "News for you"
    body = "Hello {{ first_name }},\n\n{{ products }}"


class CampaignFactory(DjangoModelFactory[campaigns.Campaign]):
    class Meta:
        model = campaigns.Campaign

    name = factory.Sequence(lambda n: f"Campaign {n}")
    segment = factory.SubFactory(SegmentFactory)
    message = factory.SubFactory(MessageFactory)
    currency = "GBP"


class DeliveryFactory(DjangoModelFactory[delivery.Delivery]):
    class Meta:
        model = delivery.Delivery

    source_type = campaigns.Campaign.SOURCE
    source_id = factory.LazyFunction(lambda: CampaignFactory().pk)
    source_name = "Autumn"
    customer = factory.SubFactory(CustomerFactory)
    channel = shop.Channel.EMAIL
    address_hash = factory.Sequence(lambda n: f"{n:064d}")
