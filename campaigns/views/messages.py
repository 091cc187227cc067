"""Pages of messages: list, editor with a live preview, a test to oneself."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice.errors import Refused
from backoffice.pages import StaffRequest, page, staff_page
from backoffice.readers import sees_personal_data
from campaigns.actions.messages import save_message, send_test
from campaigns.datasets.names import BLANK_NAME
from campaigns.forms.messages import MessageForm, PreviewForm
from campaigns.models import Campaign, Message
from campaigns.presenters.omissions import not_sent
from campaigns.presenters.rendering import sample_letters
from segments.models import Segment
from shop.models import Channel, Customer

PREVIEW_PRODUCTS = 3


@staff_page("campaigns.view_message")
def message_list(request: StaffRequest) -> HttpResponse:
    times = (
        Campaign.objects.filter(message=OuterRef("pk"))
        .order_by()
        .values("message")
        .annotate(n=Count("pk"))
        .values("n")
    )
    found = Message.objects.annotate(used=Coalesce(Subquery(times), 0)).select_related("created_by")
    return page(request, "campaigns/messages.html", title=_("Messages"), found=found)


@staff_page("campaigns.change_message")
def message_edit(request: StaffRequest, pk: int | None = None) -> HttpResponse:
    message = get_object_or_404(Message, pk=pk) if pk else None
    initial = (
        {name: getattr(message, name) for name in MessageForm.base_fields}
        if message
        else {
            "language": get_language(),
            "body": _("Hello {{ first_name | default: 'there' }},\n\n{{ products }}\n\n{{ shop_name }}"),
        }
    )
    form = MessageForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            saved = save_message(by=request.user, message=message, **form.cleaned_data)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.message)
        else:
            messages.success(request, _("Saved."))
            for sentence in not_sent(saved.body):
                messages.warning(request, sentence)
            return redirect("campaigns:message-edit", pk=saved.pk)
    segments = Segment.objects.in_force()
    return page(
        request,
        "campaigns/message_edit.html",
        title=message.name if message else _("New message"),
        form=form,
        message=message,
        segments=segments,
        status=422 if form.errors else 200,
    )


def _sample(segment: Segment | None) -> Customer:
    """Somebody of the segment (or of the shop) who may be written to; an invented person where there is
    nobody, and for a reader who may not see personal data."""
    invented = Customer(pk=0, first_name="Ada", last_name="Lovelace")
    if not sees_personal_data():
        return invented
    people = Customer.objects.contactable(Channel.EMAIL).exclude(first_name__iregex=BLANK_NAME)
    if segment:
        people = people.filter(pk__in=segment.members().values("pk"))
    return people.order_by("pk").first() or invented


@require_POST
@staff_page("campaigns.view_message")
def preview(request: StaffRequest) -> HttpResponse:
    """What is being typed, as one customer would get it: a fragment."""
    form = PreviewForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    customer = _sample(form.cleaned_data["segment"])
    try:
        letter = sample_letters(form.unsaved(), [customer], PREVIEW_PRODUCTS)[0]
    except Refused as refused:
        return render(request, "campaigns/parts/letter.html", {"problem": refused.message})
    return render(
        request,
        "campaigns/parts/letter.html",
        {"letter": letter, "not_sent": not_sent(form.cleaned_data["body"])},
    )


@require_POST
@staff_page("campaigns.change_message")
def test_message(request: StaffRequest, pk: int) -> HttpResponse:
    """Send the saved message to the staff member's own address."""
    address = send_test(
        by=request.user,
        message=get_object_or_404(Message, pk=pk),
        customer=_sample(None),
        products=PREVIEW_PRODUCTS,
    )
    messages.success(request, _("A test is on its way to %s.") % address)
    return redirect("campaigns:message-edit", pk=pk)
