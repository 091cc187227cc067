"""What is sent to whom, and what became of it."""

from delivery.models.deliveries import Delivery, SourceKey
from delivery.models.mailbox import MailboxMessage

__all__ = ["Delivery", "MailboxMessage", "SourceKey"]
