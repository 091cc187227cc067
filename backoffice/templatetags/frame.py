"""Building blocks that stand on many pages and hold what their page puts into them."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string

register = template.Library()


@register.simple_block_tag
def analysts(content: str) -> str:
    """A closed fold for what only an analyst reads: `{% analysts %}AUC, SQL{% endanalysts %}`.

    A plain sentence about the same thing stands before it, outside the fold.
    """
    return render_to_string("parts/analysts.html", {"content": content})


@register.simple_tag(takes_context=True)
def trail(context: Context) -> dict[str, Any]:
    """Where a page lies: the title of its `section` of the navigation and, below an entry of it, that entry
    as `parent`. Empty outside the navigation."""
    path = context["request"].path
    for group in context.get("sidebar_navigation") or []:
        for item in group["items"]:
            if item["active"] and item["has_permission"]:
                parent = item if str(item["link"]) != path else None
                section = group.get("title")
                # "Customers › Customers" says nothing twice
                return {"section": None if parent and section == item["title"] else section, "parent": parent}
    return {}
