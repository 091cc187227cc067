"""The demo's mailbox: what the local mail server kept instead of passing it on."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from backoffice.errors import require
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.readers import PERSONAL_DATA
from delivery.models import MailboxMessage


@staff_page("delivery.view_mailboxmessage")
def mailbox(request: StaffRequest) -> HttpResponse:
    require(request.user, PERSONAL_DATA)
    wanted = request.GET.get("q", "").strip()
    found = MailboxMessage.objects.defer("text", "html", "headers")
    if wanted:
        found = found.filter(Q(recipient__icontains=wanted) | Q(subject__icontains=wanted))
    return page(
        request,
        "delivery/mailbox.html",
        title=_("Mailbox"),
        wanted=wanted,
        mails=Paginator(found, 50).get_page(request.GET.get("page")),
    )


@staff_page("delivery.view_mailboxmessage")
def mail(request: StaffRequest, pk: int) -> HttpResponse:
    require(request.user, PERSONAL_DATA)
    found = get_object_or_404(MailboxMessage, pk=pk)
    return page(request, "delivery/mail.html", title=found.subject or _("(no subject)"), mail=found)
