"""The navigation beside every page, from what the apps declare."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from backoffice.declarations import NavigationItem, Section, frames


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Unfold's list of sections, each with the items that the reader may open. One item is marked: the one
    with the longest address under which the page lies."""
    items = sorted((item for frame in frames() for item in frame.navigation), key=lambda item: item.position)
    links = [(item, reverse(item.url)) for item in items]
    addresses = {reverse(url): link for item, link in links for url in (item.url, *item.also)}
    here = addresses.get(_here(request.path, list(addresses)))
    sections = []
    for section in Section:
        shown = [
            _entry(item, link, active=link == here)
            for item, link in links
            if item.section is section and (not item.permission or request.user.has_perm(item.permission))
        ]
        if shown:
            title = {"title": section.value, "separator": True} if section.value else {}
            sections.append({**title, "items": shown})
    return sections


def _here(path: str, links: list[str]) -> str:
    """The longest of the links that `path` lies under; the home page's own, "/", holds nothing but itself."""
    above = [link for link in links if path.startswith(link) and (link != "/" or path == "/")]
    return max(above, key=len, default="")


def _entry(item: NavigationItem, link: str, *, active: bool) -> dict[str, Any]:
    return {"title": item.title, "icon": item.icon, "link": link, "active": active}
