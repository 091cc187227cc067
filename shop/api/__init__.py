"""Routes of the API: customers and products to read, the shop's name."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from shop.api.customers import CustomerViewSet
from shop.api.products import ProductViewSet

router = SimpleRouter()
router.register("customers", CustomerViewSet)
router.register("products", ProductViewSet)
urlpatterns = [path("", include(router.urls)), path("", include("shop.api.profile"))]
