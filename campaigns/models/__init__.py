"""Messages, campaigns and what was sent."""

from campaigns.models.campaigns import Campaign, Delivery, MailboxMessage, Message

__all__ = ["Campaign", "Delivery", "MailboxMessage", "Message"]
