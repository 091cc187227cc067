from __future__ import annotations

import pytest

from segments.actions.rules.catch_up import recount


@pytest.fixture
def shop(planted: dict[str, list[int]]) -> dict[str, list[int]]:
    """The planted shop, counted."""
    recount()
    return planted
