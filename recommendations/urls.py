from django.urls import path

from recommendations.views import market_baskets, recommendations

app_name = "recommendations"
urlpatterns = [
    path("", recommendations.overview, name="overview"),
    path("customer/<int:pk>/", recommendations.customer_panel, name="customer-panel"),
    path("market-baskets/", market_baskets.overview, name="market-baskets"),
]
