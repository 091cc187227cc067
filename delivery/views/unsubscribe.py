"""The public page behind the unsubscribe link of every mail (RFC 8058): a GET changes nothing, a POST needs
no cookie."""

from __future__ import annotations

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from delivery.actions.unsubscribe import is_silent, unsubscribe
from delivery.models import Delivery
from delivery.presenters.unsubscribe import delivery_of
from delivery.sources import sources
from shop.models import ShopProfile
from shop.tasks import queue_after_facts


@csrf_exempt  # mail programs post here without having been here; the signed token is the authority
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    """Withdraw the consent (POST), and say what holds now: that no marketing mail comes, or the question, in
    the recipient's language."""
    try:
        pk = delivery_of(token)
    except (signing.BadSignature, ValueError):
        raise Http404 from None
    delivery = get_object_or_404(Delivery.objects.select_related("customer"), pk=pk)
    if request.method == "POST":
        unsubscribe(delivery=delivery)
        queue_after_facts()
    with translation.override(_language(delivery)):
        return render(
            request,
            "delivery/unsubscribe.html",
            {
                "silent": is_silent(delivery=delivery),
                "shop_name": ShopProfile.objects.current().shown_name,
                "language": translation.get_language(),
            },
        )


def _language(delivery: Delivery) -> str:
    """The recipient's own where the house speaks it, else that of the message."""
    try:
        return translation.get_supported_language_variant(delivery.customer.locale.lower().replace("_", "-"))
    except LookupError:
        return sources()[delivery.source_type].language(delivery.source_id)
