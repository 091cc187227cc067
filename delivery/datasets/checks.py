"""Whether a customer may be written to on a channel now: consent, address and frequency cap.

One definition for whoever resolves an audience and for the last look before each message leaves.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import CharField, Count, Exists, F, Func, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_noop

from delivery.models import Delivery, SourceKey
from shop.models import Customer
from shop.models.customers import CustomerQuerySet, address_field

CAP_COUNT = 3  # messages one person gets at most ...
CAP_WINDOW = timedelta(days=7)  # ... in any stretch of this length, over all sources

NO_CONSENT = gettext_noop("no consent")
NO_ADDRESS = gettext_noop("no address")
TOO_OFTEN = gettext_noop("frequency cap: three messages in seven days")
SAME_ADDRESS = gettext_noop("shares an address with another customer")
ADDRESS_CHANGED = gettext_noop("the address changed after sending began")


class AddressHash(Func):
    """SHA-256 of the lower-case address, in hexadecimal."""

    template = "encode(sha256(convert_to(lower(%(expressions)s), 'UTF8')), 'hex')"
    output_field = CharField()


def with_checks(people: CustomerQuerySet, *, channel: str, source: SourceKey | None) -> Any:
    """The customers annotated with what the checks ask: `hash` of their address, `agreed` to marketing on the
    channel, `addressed` (has an address there) and `lately`, the messages that went out to the person (or may
    have) within CAP_WINDOW, on whichever record, those of `source` left out (None: a source that has sent
    nothing yet)."""
    same = Q(pk=OuterRef("pk"))
    return people.annotate(
        hash=AddressHash(F(address_field(channel))),
        agreed=Exists(Customer.objects.consenting(channel).filter(same)),
        addressed=Exists(Customer.objects.reachable(channel).filter(same)),
        lately=_lately_sent(channel, source),
    )


def _lately_sent(channel: str, source: SourceKey | None) -> Coalesce:
    sent = Delivery.objects.filter(
        customer__person=OuterRef("person"), channel=channel, sent_at__gt=timezone.now() - CAP_WINDOW
    )
    if source:
        sent = sent.exclude(source_type=source.type, source_id=source.id)
    times = sent.order_by().values("channel").annotate(times=Count("pk")).values("times")
    return Coalesce(Subquery(times), 0)
