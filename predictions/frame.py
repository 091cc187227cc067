"""What predictions add to the product."""

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
from predictions.models import Prediction, PredictionKind, PredictionRun


def run_name(key: str) -> str:
    """The key `churn #7` as “Churn risk #7”."""
    kind, _space, number = key.partition(" #")
    return f"{PredictionKind(kind).label} #{number}"


FRAME = Frame(
    navigation=[
        NavigationItem(
            Section.CUSTOMERS,
            _("Predictions"),
            "online_prediction",
            "predictions:overview",
            "predictions.view_predictionrun",
            30,
        ),
    ],
    audit_names={"predictions.predictionrun": run_name},
    audit={"prediction.export": gettext_noop("exported predictions")},
    customer_panels=[
        CustomerPanel("predictions:customer-panel", "predictions.view_predictionrun", Side.RIGHT, 10),
    ],
    permissions=RolePermissions(everybody=["predictions.view_predictionrun"]),
    personal_data=[PersonalData(Prediction, _("Predictions"), ["run.kind", "run.as_of", "value"])],
    derived=[PredictionRun],
)
