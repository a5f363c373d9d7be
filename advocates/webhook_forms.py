"""Forms of the webhooks of a shop or an advocate."""

from django import forms
from django.utils.translation import gettext_lazy as _

from advocates.webhook_endpoints import TYPES


class EndpointForm(forms.Form):
    """An address, and what is told there."""

    url = forms.CharField(
        label=_("Web address"),
        max_length=500,
        help_text=_("An https address of your own system that takes a POST with JSON."),
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
    )
    event_types = forms.MultipleChoiceField(
        label=_("What is told"),
        choices=[(event.value, event.label) for event in TYPES],
        initial=[event.value for event in TYPES],
        widget=forms.CheckboxSelectMultiple,
    )


class ReplayForm(forms.Form):
    """From when on messages are sent again."""

    since = forms.DateTimeField(
        label=_("Since"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    with_delivered = forms.BooleanField(label=_("Those that arrived too"), required=False)
