"""A real Chromium for tests marked `browser`: the fixture `page` shows the live server to somebody who is
logged in.

@pytest.mark.browser
def test_home(page, mara):
    page.login(mara)
    page.visit("/")
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    executable = next((path for name in NAMES if (path := shutil.which(name))), None)
    if executable is None:
        pytest.skip("there is no Chromium on this machine: make browser")
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
        "1"  # Playwright keeps an event loop in this thread; the ORM runs beside it
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Window:
    """A browser window at the live server. `errors` collects what the console and failed requests complain
    about."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.address = page, address
        self.errors: list[str] = []
        page.on(
            "console", lambda message: self.errors.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("requestfailed", self._failed)

    def _failed(self, request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # what was still loading when somebody left the page
            self.errors.append(f"{request.url}: {request.failure}")

    def login(self, user: Any) -> None:
        client = Client()
        client.force_login(user)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": self.address}]
        )

    def visit(self, path: str) -> int:
        """Go to a path and wait until it is quiet; returns the status."""
        # None: the redirect of a form sent just before was still under way and overtook this one
        answer = self.page.goto(self.address + path) or self.page.goto(self.address + path)
        self.page.wait_for_load_state("networkidle")
        return int(answer.status)

    def overflow(self) -> int:
        """How many pixels wider than the window the page is; 0 is what people want."""
        return int(
            self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        )


@pytest.fixture
def page(chromium: Any, live_server: Any) -> Iterator[Window]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    yield Window(context.new_page(), live_server.url)
    context.close()
