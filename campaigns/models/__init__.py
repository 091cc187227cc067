"""Messages and the campaigns that send them."""

from campaigns.models.campaigns import Campaign
from campaigns.models.messages import Message

__all__ = ["Campaign", "Message"]
