"""Forms of the money floor."""

from django import forms
from django.utils.translation import gettext_lazy as _

from payouts.enums import TaxProfile


class TaxProfileForm(forms.Form):
    """Who one is for the tax office."""

    name = forms.CharField(
        label=_("Name on statements"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    country = forms.CharField(
        label=_("Country"), max_length=2, help_text=_("Two letters, like NL."), initial="NL"
    )
    tax_profile = forms.ChoiceField(
        label=_("I receive this as"), choices=TaxProfile.choices, widget=forms.RadioSelect
    )
    vat_number = forms.CharField(
        label=_("VAT number"),
        max_length=20,
        required=False,
        help_text=_("Only for businesses that charge VAT."),
    )
