"""Made-up addresses for trying campaigns out."""

from __future__ import annotations

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from backoffice.errors import Refused, require
from backoffice.models import AuditEntry, User
from shop.models import (
    TEST_DOMAIN,
    TEST_NOTE,
    Channel,
    Consent,
    Customer,
    CustomerTouched,
    Purpose,
)

# Named by the row's key: unique, whatever characters the shop's own numbers are made of.
FILL = """
WITH filled AS (
    UPDATE shop_customer SET email = 'customer-' || id || %(domain)s WHERE lower(email) = '' RETURNING id
), agreed AS (
    INSERT INTO shop_consent (customer_id, channel, purpose, granted, source, note, recorded_at)
    SELECT id, 'email', 'marketing', true, 'staff', %(note)s, now() FROM filled
    WHERE NOT EXISTS (SELECT FROM shop_consent o
                      WHERE o.customer_id = filled.id AND o.channel = 'email' AND o.purpose = 'marketing')
    RETURNING id
), touched AS (
    INSERT INTO shop_customertouched (customer_id) SELECT id FROM filled
) SELECT (SELECT count(*) FROM filled), (SELECT count(*) FROM agreed)
"""


def offers_test_addresses() -> bool:
    """Only on a local installation whose mail goes to its own mailbox."""
    return bool(settings.LOCAL and settings.OWN_MAILBOX)


def filling_consequences() -> dict[str, int]:
    """How many customers `fill_test_addresses` would give an address, how many of them an answer about email
    marketing, how many answered before, and how many test addresses there are."""
    without = Customer.objects.without_address()
    answered = without.filter(
        pk__in=Consent.objects.filter(channel=Channel.EMAIL, purpose=Purpose.MARKETING).values("customer")
    ).count()
    addresses = without.count()
    return {
        "addresses": addresses,
        "consents": addresses - answered,
        "answered": answered,
        "given": Customer.objects.filter(email__endswith=TEST_DOMAIN).count(),
    }


@transaction.atomic
def fill_test_addresses(*, by: User) -> dict[str, int]:
    """Give every customer without an address a made-up one, and a yes to those of them who never
    answered about email.

    Returns how many `addresses` and `consents` were written. Raises Refused where real mail could be sent.
    """
    require(by, "shop.fill_test_addresses")
    if not settings.LOCAL:
        raise Refused(
            _("This is a public server: test addresses are for an installation on your own machine.")
        )
    if not settings.OWN_MAILBOX:
        raise Refused(
            _(
                "A mail server is set (EMAIL_URL), mail could leave this machine: start without it to use "
                "test addresses."
            )
        )
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"domain": TEST_DOMAIN, "note": TEST_NOTE})
        addresses, consents = cursor.fetchone()
    counts = {"addresses": addresses, "consents": consents}
    AuditEntry.objects.create(
        by=by, verb="customer.test_addresses", object_type="shop.customer", object_id="", details=counts
    )
    return counts


@transaction.atomic
def remove_test_addresses(*, by: User) -> dict[str, int]:
    """Take all test addresses away, and the consents that came with them: nobody ever gave those. Works
    everywhere."""
    require(by, "shop.fill_test_addresses")
    consents, _by_model = Consent.objects.filter(source=Consent.Source.STAFF, note=TEST_NOTE).delete()
    given = Customer.objects.filter(email__endswith=TEST_DOMAIN)
    CustomerTouched.objects.add(given.values_list("pk", flat=True))
    addresses = given.update(email="")
    counts = {"addresses": addresses, "consents": consents}
    AuditEntry.objects.create(
        by=by,
        verb="customer.remove_test_addresses",
        object_type="shop.customer",
        object_id="",
        details=counts,
    )
    return counts
