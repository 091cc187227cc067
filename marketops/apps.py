from django.apps import AppConfig


class MarketopsConfig(AppConfig):
    name = "marketops"
    verbose_name = "Marketops"

    def ready(self) -> None:
        from marketops import checks  # noqa: F401 - registers them, once there are models
