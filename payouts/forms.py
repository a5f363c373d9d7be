"""Forms of the money floor."""

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from payouts.enums import TaxProfile
from payouts.statement_disputes import LONGEST

#: What each profile means, for somebody who has never filled in a tax return as a business.
_IN_PLAIN_WORDS = {
    TaxProfile.PRIVATE_PERSON: _(
        "You have no business. You get statements, without VAT; you report the income yourself."
    ),
    TaxProfile.SMALL_BUSINESS: _(
        "You have a Dutch business and told the tax office that you charge no VAT (KOR). You get statements, without "
        "VAT."
    ),
    TaxProfile.NL_VAT: _(
        "You have a Dutch business and file VAT returns. With self-billing the VAT is paid to you on top, and the "
        "invoices are made for you."
    ),
    TaxProfile.EU_VAT: _(
        "Your business is in another country of the EU and has a VAT number there. Shops in other countries account "
        "for the VAT themselves (reverse charge)."
    ),
    TaxProfile.OUTSIDE_EU: _("Your business is outside the EU. No VAT is charged to you or by you here."),
}


def _choices() -> list[tuple[str, SafeString]]:
    return [
        (
            profile.value,
            format_html(
                '<span>{}<br><span class="muted small">{}</span></span>',
                profile.label,
                _IN_PLAIN_WORDS[profile],
            ),
        )
        for profile in TaxProfile
    ]


def _text(label: Any, *, length: int, autocomplete: str, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=length,
        widget=forms.TextInput(attrs={"autocomplete": autocomplete}),
        **more,
    )


class TaxProfileForm(forms.Form):
    """Who one is for the tax office."""

    tax_profile = forms.ChoiceField(label=_("I receive this as"), choices=_choices, widget=forms.RadioSelect)
    name = _text(
        _("Name on statements"),
        length=120,
        autocomplete="name",
        help_text=_("Your own, or that of your business."),
    )
    street = _text(_("Street and number"), length=120, autocomplete="address-line1", required=False)
    postal_code = _text(_("Postal code"), length=20, autocomplete="postal-code", required=False)
    city = _text(_("Town"), length=80, autocomplete="address-level2", required=False)
    country = forms.CharField(
        label=_("Country"), max_length=2, help_text=_("Two letters, like NL."), initial="NL"
    )
    vat_number = forms.CharField(
        label=_("VAT number"),
        max_length=20,
        required=False,
        help_text=_("Only for businesses that charge VAT."),
    )
    chamber_number = forms.CharField(
        label=_("Number at the chamber of commerce"),
        max_length=20,
        required=False,
        help_text=_("Only for businesses. In the Netherlands: the KvK number."),
    )


class DisputeForm(forms.Form):
    """What is not right about a document, or the answer to that."""

    text = forms.CharField(
        label=_("What is not right?"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, label: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if label:
            self.fields["text"].label = label
