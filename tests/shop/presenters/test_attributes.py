from __future__ import annotations

from django.utils.translation import override

from shop.presenters.attributes import attribute_title, attribute_value


def test_common_attributes_read_in_the_readers_language():
    with override("zh-hans"):
        assert str(attribute_title("gender")) == "性别"
        assert str(attribute_value("gender", "female")) == "女"
        assert str(attribute_value("income", "middle")) == "中"


def test_others_stay_as_the_shop_recorded_them():
    with override("zh-hans"):
        assert attribute_title("shoe_size") == "shoe_size"
        assert attribute_value("shoe_size", 42) == 42
        assert attribute_value("gender", "unknown") == "unknown"
