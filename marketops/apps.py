from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class MarketopsConfig(AppConfig):
    name = "marketops"
    verbose_name = "Marketops"

    def ready(self) -> None:
        autodiscover_modules(
            "tasks"
        )  # every process knows every job: the web page, the workers, beat and the commands
