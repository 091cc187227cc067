"""Building blocks that stand on many pages and hold what their page puts into them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse

from backoffice.declarations import Text, merged

register = template.Library()


@register.simple_block_tag
def analysts(content: str) -> str:
    """A closed fold for what only an analyst reads: `{% analysts %}AUC, SQL{% endanalysts %}`.

    A plain sentence about the same thing stands before it, outside the fold.
    """
    return render_to_string("parts/analysts.html", {"content": content})


@dataclass(frozen=True)
class StepLink:
    """Where a next step leads, and what its link says."""

    title: Text
    url: str


@register.simple_tag(takes_context=True)
def next_step(context: Context, name: str) -> StepLink | None:
    """The step that an app declared as `name` (`Frame.next_steps`), None where nobody declared it or this
    reader may not go there: `{% next_step "import_orders" as step %}{% if step %}...{{ step.url }}`."""
    step = merged("next_steps").get(name)
    request = context.get("request")  # the admin fills its lists without one: there the page itself asks
    if step is None or (request and step.permission and not request.user.has_perm(step.permission)):
        return None
    return StepLink(step.title, reverse(step.url))


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
