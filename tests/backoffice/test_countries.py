from __future__ import annotations

import pytest
from babel.core import Locale

from backoffice.countries import country_name


@pytest.mark.parametrize(
    ("recorded", "english", "chinese"),
    [
        ("United Kingdom", "United Kingdom", "英国"),
        ("EIRE", "Ireland", "爱尔兰"),
        ("us", "United States", "美国"),
        ("德国", "Germany", "德国"),
        ("COTE D'IVOIRE", "Côte d’Ivoire", "科特迪瓦"),
        ("Hong Kong", "Hong Kong", "中国香港"),
        ("Scotland", "Scotland", "Scotland"),
        ("Unspecified", "Unspecified", "Unspecified"),
    ],
)
def test_a_country_reads_in_the_readers_language(recorded, english, chinese):
    assert country_name(recorded, Locale.parse("en")) == english
    assert country_name(recorded, Locale.parse("zh_Hans")) == chinese
