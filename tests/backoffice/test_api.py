"""What every API route shares: keys, problem details, idempotency."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from backoffice.models import ApiKey, AuditEntry, IdempotentAnswer

pytestmark = pytest.mark.urls("tests.backoffice.example.urls")


@pytest.fixture
def key(mara):
    """An API key that acts as mara, and its secret."""
    made = ApiKey(name="shop system", owner=mara)
    made.secret = ApiKey.objects.assign_key(made)
    made.save()
    return made


@pytest.fixture
def pay(key):
    def post(amount=5, scheme="Bearer", secret=None, **headers):
        headers["Authorization"] = f"{scheme} {secret or key.secret}"
        return Client().post("/pay/", {"amount": amount}, "application/json", headers=headers)

    return post


def payments():
    return AuditEntry.objects.filter(verb="test.pay").count()


@pytest.mark.parametrize("scheme", ["Bearer", "Api-Key", "bearer"])
def test_a_key_acts_as_its_owner(pay, key, scheme):
    assert pay(scheme=scheme).status_code == 201
    key.refresh_from_db()
    assert timezone.now() - key.last_used_at < timedelta(minutes=1)


def refused(answer, status):
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    return problem


def test_without_a_key_nothing_happens(db):
    refused(Client().post("/pay/", {"amount": 5}, "application/json"), 401)
    assert not payments()


def test_an_unknown_key(pay):
    assert "System > API keys" in refused(pay(secret="abcdefgh.nonsense"), 401)["detail"]


def test_a_revoked_key(pay, key):
    ApiKey.objects.update(revoked=True)
    refused(pay(), 401)


def test_an_expired_key(pay, key):
    ApiKey.objects.update(expiry_date=timezone.now() - timedelta(days=1))
    refused(pay(), 401)


def test_the_key_of_somebody_who_left(pay, mara):
    mara.is_active = False
    mara.save()
    refused(pay(), 401)


def test_a_bad_field_is_named(pay):
    assert "amount" in refused(pay(amount=0), 400)["errors"]


def test_a_refusal_names_field_and_remedy(pay):
    problem = refused(pay(amount=2000), 422)
    assert problem["detail"] == "At most 1000 at a time: split the payment."
    assert problem["errors"] == {"amount": ["At most 1000 at a time: split the payment."]}


def test_a_missing_right(key):
    answer = Client().get("/forbidden/", headers={"Authorization": f"Bearer {key.secret}"})
    assert refused(answer, 403)["detail"] == "Your role does not allow this."


def test_malformed_json(key):
    answer = Client().post(
        "/pay/", "{", "application/json", headers={"Authorization": f"Bearer {key.secret}"}
    )
    refused(answer, 400)


def test_a_repeated_request_is_carried_out_once(pay):
    first, second = (pay(**{"Idempotency-Key": "order 17"}) for _ in range(2))
    assert (second.status_code, second.json()) == (first.status_code, first.json())
    assert second["Idempotent-Replayed"] == "true"
    assert payments() == 1


def test_without_the_header_each_request_counts(pay):
    pay()
    pay()
    assert payments() == 2


def test_the_same_key_with_another_body_is_refused(pay):
    pay(5, **{"Idempotency-Key": "order 17"})
    refused(pay(6, **{"Idempotency-Key": "order 17"}), 422)
    assert payments() == 1


def test_a_refused_request_may_be_repeated_with_its_key(pay):
    for _ in range(2):
        refused(pay(2000, **{"Idempotency-Key": "order 17"}), 422)
    assert not IdempotentAnswer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_eight_at_the_same_instant_are_one(pay):
    def send(_n):
        try:
            return pay(**{"Idempotency-Key": "order 17"}).json()["payment"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(8)))) == 1
    assert payments() == 1


def test_an_answer_is_forgotten_after_a_day(pay):
    pay(**{"Idempotency-Key": "order 17"})
    IdempotentAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    pay(**{"Idempotency-Key": "order 17"})
    assert payments() == 2


def test_two_owners_may_choose_the_same_key(pay, anton):
    pay(**{"Idempotency-Key": "order 17"})
    other = ApiKey(name="another", owner=anton)
    secret = ApiKey.objects.assign_key(other)
    other.save()
    pay(secret=secret, **{"Idempotency-Key": "order 17"})
    assert payments() == 2


def test_an_overlong_key_is_a_bad_field(pay):
    assert "Idempotency-Key" in refused(pay(**{"Idempotency-Key": "x" * 256}), 400)["errors"]


def test_the_title_is_no_pattern(key):
    """REST framework's own sentences for 405 and 415 have gaps to be filled."""
    answer = Client().delete("/pay/", headers={"Authorization": f"Bearer {key.secret}"})
    assert "{" not in refused(answer, 405)["title"]
