"""What recommendations add to the product."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from backoffice.declarations import (
    CustomerPanel,
    Frame,
    NavigationItem,
    PersonalData,
    RolePermissions,
    Section,
    Side,
)
from recommendations.models import CustomerRecommendations, MarketBasketRun, RecommendationRun

FRAME = Frame(
    navigation=[
        NavigationItem(
            Section.PRODUCTS,
            _("Recommendations"),
            "recommend",
            "recommendations:overview",
            "recommendations.view_recommendationrun",
            20,
        ),
        NavigationItem(
            Section.PRODUCTS,
            _("Market baskets"),
            "shopping_basket",
            "recommendations:market-baskets",
            "recommendations.view_associationrule",
            30,
        ),
    ],
    customer_panels=[
        CustomerPanel(
            "recommendations:customer-panel", "recommendations.view_recommendationrun", Side.RIGHT, 20
        ),
    ],
    permissions=RolePermissions(
        everybody=["recommendations.view_recommendationrun", "recommendations.view_associationrule"]
    ),
    personal_data=[
        PersonalData(CustomerRecommendations, _("Recommendations"), ["run.as_of", "product_ids"]),
    ],
    job_figures={"fallback_customers": gettext_noop("Customers with popular products")},
    derived=[MarketBasketRun, RecommendationRun],
)
