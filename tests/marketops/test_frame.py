"""The frame of every page of the navigation, in a real browser: both languages, 1280 and 390 pixels wide."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from tests.factories import OrderFactory

pytestmark = pytest.mark.browser

WIDE, NARROW = {"width": 1280, "height": 720}, {"width": 390, "height": 844}
WITHOUT_FRAME = {"/api/docs/"}  # drawn by Swagger UI
SIZES_OF_TYPE = 5
HUE, NEAR = 243, 8  # degrees: of the accent of colours.css, and how far a shade of it may lie from it

LOOK = (Path(__file__).parent / "look.js").read_text()


def first_tab_stop(page):
    page.page.keyboard.press("Tab")
    return page.page.evaluate("document.activeElement.getAttribute('href')")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_of_the_navigation_has_the_frame(page, ada, language):
    OrderFactory.create_batch(3)
    elsewhere = []
    page.page.on(
        "request",
        lambda request: (
            None if request.url.startswith((page.address, "data:")) else elsewhere.append(request.url)
        ),
    )
    page.page.context.add_cookies(
        [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": page.address}]
    )
    page.login(ada)
    page.visit("/")
    paths = [link.get_attribute("href") for link in page.page.locator("#nav-sidebar li a").all()]
    assert len(paths) > 15
    sizes = {}
    for path in paths:
        page.page.set_viewport_size(WIDE)
        assert page.page.goto(page.address + path).ok, path
        framed = path not in WITHOUT_FRAME
        if framed:
            assert first_tab_stop(page) == "#content", path
        for window in (WIDE, NARROW):
            page.page.set_viewport_size(window)
            look = page.page.evaluate(LOOK)
            assert look["overflow"] <= 0, (path, window)
            if not framed:
                continue
            assert (look["h1"], look["main"]) == (1, 1), path
            assert look["hidden"] <= 0, f"the navigation does not fit at {path}"
            assert all(abs(int(hue) - HUE) <= NEAR for hue in look["violets"]), (path, look["violets"])
            sizes |= {size: (path, name) for size, name in look["sizes"].items()}
        assert page.errors == [], path
    assert len(sizes) <= SIZES_OF_TYPE, sizes
    assert elsewhere == []


def test_keys_alone_reach_the_page_and_the_navigation_of_a_phone(page, ada):
    page.page.set_viewport_size(NARROW)
    page.login(ada)
    page.visit("/jobs/")
    navigation = page.page.locator("#nav-sidebar")
    assert not navigation.is_visible()
    page.page.locator(".mo-bar-button.narrow").press("Enter")
    assert navigation.is_visible()
    page.page.keyboard.press("Escape")
    assert not navigation.is_visible()
    page.visit("/jobs/")
    assert first_tab_stop(page) == "#content"
    page.page.keyboard.press("Enter")
    assert page.page.evaluate("document.activeElement.id") == "content"
