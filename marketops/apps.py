from django.apps import AppConfig


class MarketopsConfig(AppConfig):
    name = "marketops"
    verbose_name = "Marketops"
