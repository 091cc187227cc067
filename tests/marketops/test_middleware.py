"""What every request gets."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.parametrize(
    "address", ["/ads/placements/?q=%00", "/recommendations/?q=%00", "/api/v1/customers/%00/segments/"]
)
def test_an_address_with_a_nul_is_refused(ada, address):
    client = Client()
    client.force_login(ada)
    assert client.get(address).status_code == 400
