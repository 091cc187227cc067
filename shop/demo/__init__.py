"""An invented shop: facts drawn from a seed, in NumPy arrays. `shop.actions.demo` writes them into the
database."""

from shop.demo.groups import GROUPS, planted_groups

__all__ = ["GROUPS", "planted_groups"]
