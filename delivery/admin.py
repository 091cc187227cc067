"""The outbox in the admin: to look at."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from backoffice.admin.lists import ReadOnlyAdmin
from delivery.models import Delivery


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ["source_name", "customer", "state", "why", "sent_at"]
    list_filter = ["state"]
    fields = [
        "source_name",
        "customer",
        "channel",
        "state",
        "why",
        "attempts",
        "not_before",
        "created_at",
        "sent_at",
    ]
    readonly_fields = ["why"]
    search_fields = ["customer__external_id"]
    list_select_related = ["customer"]
    show_full_result_count = False

    @admin.display(description=_("reason"), ordering="reason")
    def why(self, delivery: Delivery) -> str:
        return delivery.reason_text
