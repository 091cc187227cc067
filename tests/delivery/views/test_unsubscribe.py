"""The public page behind the link."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from delivery.models import Delivery
from delivery.presenters.unsubscribe import unsubscribe_url
from shop.models import Consent, Customer


def test_a_get_changes_nothing_and_a_post_needs_no_cookie(outbox: Callable[[int], list[Delivery]]) -> None:
    (row,) = outbox(1)
    path = "/" + unsubscribe_url(row.pk).split("/", 3)[3]
    browser = Client(enforce_csrf_checks=True)
    assert "Do you want to stop" in browser.get(path).content.decode()
    assert browser.head(path).status_code == 200
    assert not Consent.objects.filter(granted=False).exists()
    for answer in (browser.post(path), browser.post(path), browser.get(path)):
        assert "You get no marketing mail" in answer.content.decode()
    assert Consent.objects.filter(granted=False).count() == 1


def test_without_a_language_of_their_own_people_read_that_of_the_message(
    outbox: Callable[[int], list[Delivery]],
) -> None:
    (row,) = outbox(1)
    Customer.objects.update(locale="")
    path = "/" + unsubscribe_url(row.pk).split("/", 3)[3]
    assert '<html lang="zh-hans">' in Client().get(path).content.decode()


def test_a_token_nobody_signed_leads_nowhere(db: None, client: Client) -> None:
    assert client.get(reverse("delivery:unsubscribe", args=["1:abc"])).status_code == 404
