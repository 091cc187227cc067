"""Who is in which group of the runs in force."""

from __future__ import annotations

from segments.models import Membership, Method


def groups(method: str = Method.KMEANS) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for slug, customer in (
        Membership.objects.in_force().filter(run__method=method).values_list("segment__slug", "customer_id")
    ):
        found.setdefault(slug, set()).add(customer)
    return found
