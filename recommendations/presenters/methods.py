"""Names of methods, as staff read them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from recommendations.algorithms.methods import METHODS

METHOD_CHOICES = [(name, method.title) for name, method in METHODS.items()]  # stored name, message id


def method_title(name: str) -> str:
    """The method's title in the reader's language; the stored name where the method no longer exists."""
    return _(METHODS[name].title) if name in METHODS else name
