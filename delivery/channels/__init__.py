"""How messages leave the house: one folder and one row of CHANNELS for each channel or provider."""

from delivery.channels.base import UNUSABLE_ADDRESS, Adapter, Fate, Letter, Outcome, UnavailableError
from delivery.channels.registry import CHANNELS

__all__ = ["CHANNELS", "UNUSABLE_ADDRESS", "Adapter", "Fate", "Letter", "Outcome", "UnavailableError"]
