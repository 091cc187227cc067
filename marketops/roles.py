"""The four roles and what each may do. `ensure_roles` makes the groups match this table; staff may be given
several."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.translation import gettext_noop

VIEW_ALL = [
    "shop.view_customer",
    "shop.view_product",
    "shop.view_order",
    "shop.view_event",
    "shop.view_consent",
    "shop.view_orderimport",
    "shop.view_adreport",
    "shop.view_shopprofile",
    "segments.view_segment",
    "segments.view_segmentrun",
    "segments.view_predictionrun",
    "recommendations.view_recommendationrun",
    "ads.view_placement",
    "ads.view_budgetplan",
    "campaigns.view_campaign",
    "campaigns.view_message",
    "campaigns.view_mailboxmessage",
    "campaigns.view_delivery",
    "backoffice.view_jobrun",
    "backoffice.view_auditentry",
]
MARKETER = [
    *VIEW_ALL,
    "backoffice.run_job",
    "shop.import_orders",
    "shop.add_event",
    "shop.export_customers",
    "segments.change_segment",
    "ads.change_placement",
    "ads.plan_budget",
    "campaigns.edit_campaign",
    "campaigns.submit_campaign",
    "campaigns.change_message",
    "segments.decide_proposal",
]
APPROVER = [*VIEW_ALL, "campaigns.approve_campaign"]
ADMINISTRATOR = [
    *MARKETER,
    "shop.change_consent",
    "shop.erase_customer",
    "shop.change_shopprofile",
    "backoffice.view_user",
    "backoffice.add_user",
    "backoffice.change_user",
    "backoffice.view_apikey",
    "backoffice.add_apikey",
    "backoffice.change_apikey",
    "django_celery_beat.view_periodictask",
    "django_celery_beat.change_periodictask",
]
ROLES = {  # the names are stored as they stand here and translated where they are shown
    gettext_noop("analyst"): VIEW_ALL,
    gettext_noop("marketer"): MARKETER,
    gettext_noop("approver"): APPROVER,
    gettext_noop("administrator"): ADMINISTRATOR,
}


@transaction.atomic
def ensure_roles() -> None:
    """Create or correct the role groups. Raises Permission.DoesNotExist for a permission nobody declares."""
    for role, names in ROLES.items():
        group, _new = Group.objects.get_or_create(name=role)
        wanted = []
        for name in names:
            app, codename = name.split(".")
            wanted.append(Permission.objects.get(content_type__app_label=app, codename=codename))
        group.permissions.set(wanted)
