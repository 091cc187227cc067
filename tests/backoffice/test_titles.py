from __future__ import annotations

import pytest

from backoffice.errors import Refused
from backoffice.titles import clean_title


def test_spaces_are_single():
    assert clean_title("  Spring \t sale ") == "Spring sale"


@pytest.mark.parametrize("title", ["", "   ", "x" * 61, "bell\x07"])
def test_what_is_no_title_is_refused_beside_its_field(title):
    with pytest.raises(Refused) as refused:
        clean_title(title)
    assert refused.value.field == "title"
