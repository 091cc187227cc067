from __future__ import annotations

from hashlib import sha256

import pytest

from segments.algorithms.ad_audiences import for_google, for_meta


def hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("email", "google", "meta"),
    [
        (" Jane.Doe+shop@GMail.com", "janedoe@gmail.com", "jane.doe+shop@gmail.com"),
        ("jane.doe@googlemail.com", "janedoe@googlemail.com", "jane.doe@googlemail.com"),
        ("Jane.Doe+shop@Example.com", "jane.doe+shop@example.com", "jane.doe+shop@example.com"),
    ],
)
def test_each_platform_has_its_own_normal_form(email, google, meta):
    assert (for_google(email), for_meta(email)) == (hashed(google), hashed(meta))


@pytest.mark.parametrize("email", ["", "nobody", "@example.com"])
def test_what_is_no_address_is_not_hashed(email):
    assert for_google(email) == ""
