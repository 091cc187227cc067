"""What staff type about a message."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from campaigns.models import Message
from campaigns.presenters.rendering import LONGEST
from segments.models import Segment


class MessageForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Only staff see it."))
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("Of your text; the product reasons and the footer are written in it too."),
    )
    subject = forms.CharField(label=_("Subject"), max_length=500)
    body = forms.CharField(
        label=_("Text"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_(
            "Leave a line empty between paragraphs. {{ first_name }}, {{ last_name }}, {{ shop_name }} and "
            "{{ products }} "
            "are filled in for each person; {{ first_name | default: 'there' }} helps where a name is "
            "missing."
        ),
    )


class PreviewForm(forms.Form):
    """An unfinished message, and whose eyes to see it with."""

    language = forms.CharField(required=False)
    subject = forms.CharField(required=False, strip=False)
    body = forms.CharField(required=False, strip=False)
    segment = forms.ModelChoiceField(Segment.objects.all(), required=False)

    def unsaved(self) -> Message:
        """A message to preview; call after `is_valid`."""
        typed = self.cleaned_data
        language = typed["language"] if typed["language"] in dict(settings.LANGUAGES) else "en"
        return Message(subject=typed["subject"], body=typed["body"], language=language)
