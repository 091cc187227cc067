"""Marketops with one app more: jobs that misbehave, for the runner's tests."""

from marketops.settings import *  # noqa: F403 - settings are all names
from marketops.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.backoffice.example"]
