"""What the roof itself adds to the product: the home page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from backoffice.declarations import Frame, NavigationItem, NextStep, Section

FRAME = Frame(
    navigation=[NavigationItem(Section.HOME, _("Home"), "home", "home")],
    next_steps={"own_data": NextStep(_("Start with my own data"), "demo", "intake.import_orders")},
    job_figures={
        "until": gettext_noop("Facts until"),
        "other_currencies": gettext_noop("Orders in other currencies"),
        "revenue": gettext_noop("Revenue"),
        "revenue_last": gettext_noop("Revenue, last 30 days"),
        "orders_last": gettext_noop("Orders, last 30 days"),
        "sales_last": gettext_noop("Sales before returns, last 30 days"),
        "revenue_before": gettext_noop("Revenue, the 30 days before"),
    },
)
