"""Email, over SMTP."""

from delivery.channels.email.smtp import SmtpAdapter

__all__ = ["SmtpAdapter"]
