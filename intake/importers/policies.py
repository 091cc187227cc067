"""How what arrives meets what is known."""

from __future__ import annotations

from enum import Enum, auto


class Policy(Enum):
    """Which value of a customer counts where two are known. A blank never replaces anything."""

    FILL = auto()  # the known one: what arrives fills gaps
    REPLACE = auto()  # the one that arrives


class ConsentDates(Enum):
    """How exactly a source knows when a customer answered yes or no."""

    OF_ORDERS = auto()  # with each order
    OF_DAYS = auto()  # a day, perhaps without its hour, or no date at all
    EXACT = auto()  # the moment
