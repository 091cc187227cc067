"""Building blocks that stand on many pages and hold what their page puts into them."""

from __future__ import annotations

from django import template
from django.template.loader import render_to_string

register = template.Library()


@register.simple_block_tag
def analysts(content: str) -> str:
    """A closed fold for what only an analyst reads: `{% analysts %}AUC, log-likelihood, SQL{% endanalysts %}`.

    A plain sentence about the same thing stands before it, outside the fold.
    """
    return render_to_string("parts/analysts.html", {"content": content})
