from __future__ import annotations

from recommendations.datasets.offerable import may_be_offered
from shop.models import Product


def test_on_sale_in_stock_and_no_content(shop):
    shop.product("lamp", stock=0)
    shop.product("vase", active=False)
    shop.product("story", kind="content")
    offerable = [shop.product("rug", stock=3), shop.product("bowl")]
    assert list(Product.objects.filter(may_be_offered()).order_by("pk")) == offerable
