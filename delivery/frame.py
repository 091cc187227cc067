"""What delivery adds to the product."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.declarations import (
    Frame,
    NavigationItem,
    PersonalData,
    RolePermissions,
    Section,
    Sweep,
    Trace,
)
from delivery.actions import mailbox
from delivery.models import Delivery, MailboxMessage

FRAME = Frame(
    navigation=[
        NavigationItem(
            Section.CAMPAIGNS, _("Mailbox"), "inbox", "delivery:mailbox", "delivery.view_mailboxmessage", 40
        ),
    ],
    permissions=RolePermissions(
        everybody=["delivery.view_delivery"],
        marketer=["delivery.view_mailboxmessage"],
        approver=["delivery.view_mailboxmessage"],
    ),
    personal_data=[
        PersonalData(
            Delivery,
            _("Messages sent, or held back"),
            ["source_name", "channel", "state", "reason", "created_at", "sent_at"],
        ),
    ],
    traces=[Trace(MailboxMessage, _("Mails in the mailbox"), mailbox.forget)],
    derived=[Delivery, MailboxMessage],
    sweeps=[
        Sweep("delivery.deliver_due", "delivery.tasks.deliver_due", Delivery.SWEEP_EVERY, queue="delivery"),
    ],
)
