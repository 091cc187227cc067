"""What staff type about a campaign."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.actions.campaigns import MOST_PRODUCTS
from campaigns.models import Campaign, Message
from segments.models import Segment
from shop.models import currency_code

MINUTES = "%Y-%m-%dT%H:%M"


class MomentField(forms.DateTimeField):
    """A time in the zone of the pages. `kept`: the moment that is saved already: it stays as it is, to the
    second, when the field is sent back as it was shown."""

    kept: datetime | None = None

    def to_python(self, value: Any) -> datetime | None:
        if self.kept and value == timezone.localtime(self.kept).strftime(MINUTES):
            return self.kept
        try:
            return super().to_python(value)
        except forms.ValidationError as error:
            if error.code != "ambiguous_timezone":
                raise
        early = datetime.strptime(value.strip(), MINUTES).replace(tzinfo=timezone.get_current_timezone())
        if (early.utcoffset() or timedelta()) > (early.replace(fold=1).utcoffset() or timedelta()):
            raise forms.ValidationError(
                gettext("This time comes twice, because the clocks go back: choose one outside that hour.")
            )
        raise forms.ValidationError(
            gettext("This time does not exist, because the clocks go forward: choose one outside that hour.")
        )


class CampaignForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic
    """Who, what, when and for how much; `version` is the one the editor opened."""

    version = forms.IntegerField(widget=forms.HiddenInput, initial=1)
    public_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    segment = forms.ModelChoiceField(
        Segment.objects.none(),
        label=_("Segment"),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who gets it.")},
    )
    message = forms.ModelChoiceField(Message.objects.all(), label=_("Message"))
    products_per_message = forms.IntegerField(
        label=_("Products in each message"),
        min_value=0,
        max_value=MOST_PRODUCTS,
        initial=3,
        help_text=_("Recommended for each person; they stand where the text says {{ products }}."),
    )
    holdout_percent = forms.IntegerField(
        label=_("Holdout (%)"),
        min_value=0,
        max_value=50,
        initial=5,
        help_text=_("This share gets nothing, so that the lift can be measured."),
    )
    send_at = MomentField(
        label=_("Send at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTES),
        input_formats=[MINUTES],
    )
    budget = forms.DecimalField(
        label=_("Budget"),
        min_value=0,
        max_digits=14,
        decimal_places=2,
        initial=0,
        help_text=_("What this campaign may cost. The approver sees it."),
    )
    currency = forms.CharField(label=_("Currency"), max_length=3, validators=[currency_code])

    class Meta:
        model = Campaign
        fields = [
            "name",
            "segment",
            "message",
            "products_per_message",
            "send_at",
            "holdout_percent",
            "budget",
            "currency",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["segment"]
        chosen.queryset = Segment.objects.in_force()
        self.fields["send_at"].help_text = (
            gettext("Empty: as soon as it is approved. Time zone: %s.") % timezone.get_current_timezone_name()
        )
        if self.instance.pk:
            moment: Any = self.fields["send_at"]
            moment.kept = self.instance.send_at
            self.initial.update(
                version=self.instance.version,
                public_id=self.instance.public_id,
                budget=round(self.instance.budget, 2),  # the database keeps four places, the field takes two
            )

    def _post_clean(self) -> None:
        """The action checks and writes the campaign; the form only reads what was typed."""

    @property
    def choices(self) -> dict[str, Any]:
        """The checked fields as `create_campaign` and `edit_campaign` take them."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class AudienceForm(forms.Form):
    """As much of an unfinished campaign form as counting its audience needs."""

    public_id = forms.UUIDField()
    segment = forms.ModelChoiceField(Segment.objects.all())
    message = forms.ModelChoiceField(Message.objects.all(), required=False)
    products_per_message = forms.IntegerField(min_value=0, max_value=MOST_PRODUCTS, required=False)
    holdout_percent = forms.IntegerField(min_value=0, max_value=50, required=False)


class CampaignFilterForm(forms.Form):
    q = forms.CharField(label=_("Search"), required=False)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Every state")), *Campaign.State.choices],
        widget=forms.Select(attrs={"data-autosubmit": ""}),
    )
