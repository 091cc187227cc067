"""What staff type about customers and the shop, checked."""

from __future__ import annotations

import re
from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from backoffice.templatetags.formats import country
from shop.models import Consent, Customer, ShopProfile

PLACE = re.compile("(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/")


class CustomerFilterForm(forms.Form):
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("number, email or name")}),
    )
    country = forms.ChoiceField(label=_("Country"), required=False)
    orders = forms.ChoiceField(
        label=_("Orders"),
        required=False,
        choices=[("", _("with and without orders")), ("yes", _("with orders")), ("no", _("without orders"))],
    )
    consent = forms.ChoiceField(
        label=_("Email marketing"),
        required=False,
        choices=[("", _("any consent")), ("yes", _("may be sent email")), ("no", _("may not be sent email"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        countries = [(recorded, country(recorded)) for recorded in Customer.objects.countries()]
        field = cast(forms.ChoiceField, self.fields["country"])
        field.choices = [("", _("all countries")), *countries]


class ConsentForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    granted = forms.TypedChoiceField(
        label=_("The customer's answer"),
        choices=[("no", _("no, stop this")), ("yes", _("yes, I agree"))],
        coerce=lambda answer: answer == "yes",
        widget=forms.RadioSelect,
        initial="no",
    )

    class Meta:
        model = Consent
        fields = ["channel", "purpose", "granted", "note"]
        labels = {"note": _("How they answered")}
        help_texts = {"note": _("For example “by phone, 12 May”. Needed to prove a yes.")}


class ShopProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[
            ("UTC", "UTC"),
            *((name, name.replace("_", " ")) for name in sorted(available_timezones()) if PLACE.match(name)),
        ],
        help_text=_("Where its days and months begin, and the times that pages show and take."),
    )

    class Meta:
        model = ShopProfile
        fields = ["name", "sender"]
        labels = {"name": _("Name of the shop"), "sender": _("Address that mails come from")}
        help_texts = {
            "name": _("As customers know it. Empty: the sender's name or address."),
            "sender": _(
                "Your mail server must be allowed to send for it. Empty: DEFAULT_FROM_EMAIL of the server."
            ),
        }
