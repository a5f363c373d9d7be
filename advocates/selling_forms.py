"""Forms of selling on the site: the shop's terms, and the buyer's order."""

from django import forms
from django.utils.translation import gettext_lazy as _

from advocates.desk_forms import AmountField, RateField, country_choices
from advocates.purchases import MOST_PIECES

_MONEY = {"inputmode": "decimal", "autocomplete": "off"}


class SellingForm(forms.Form):
    """How a shop sells here; the fields are those of `selling.set_selling_terms`."""

    is_on = forms.BooleanField(
        label=_("Sell on this site"),
        required=False,
        help_text=_(
            "A “Buy here” button stands beside your products that are in stock and have a checked price."
        ),
    )
    vat_bps = RateField(
        label=_("VAT in your prices"),
        max_length=12,
        help_text=_("A percentage. Commissions are taken of what is left without it."),
        widget=forms.TextInput(attrs=_MONEY),
    )
    shipping_minor = AmountField(
        label=_("Shipping of an order"),
        max_length=20,
        help_text=_("The same for each order; 0 when you ship for free."),
        widget=forms.TextInput(attrs=_MONEY),
    )
    free_from_minor = AmountField(
        label=_("Free shipping from"),
        required=False,
        max_length=20,
        help_text=_("What the goods cost together. Empty: never free."),
        widget=forms.TextInput(attrs=_MONEY),
    )
    countries = forms.MultipleChoiceField(
        label=_("Countries you ship to"), choices=country_choices, widget=forms.CheckboxSelectMultiple
    )
    delivery = forms.CharField(
        label=_("How long delivery takes"),
        max_length=120,
        required=False,
        help_text=_("As you would say it: “ordered before 16:00, with you in two working days”."),
    )
    terms_url = forms.URLField(
        label=_("Page with your terms"),
        max_length=500,
        assume_scheme="https",
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://"}),
    )
    returns_url = forms.URLField(
        label=_("Page about returning"),
        max_length=500,
        assume_scheme="https",
        help_text=_("Buyers have 14 days to change their minds; here they read how."),
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://"}),
    )


class QuantityForm(forms.Form):
    """How many pieces; also in an address."""

    quantity = forms.TypedChoiceField(
        label=_("Pieces"),
        coerce=int,
        choices=[(number, str(number)) for number in range(1, MOST_PIECES + 1)],
        initial=1,
    )


class OrderForm(QuantityForm):
    """What the buyer agreed to: pieces, and the total that stood on the page; `attempt` is this form's own number."""

    quantity = forms.TypedChoiceField(
        coerce=int,
        choices=[(number, str(number)) for number in range(1, MOST_PIECES + 1)],
        widget=forms.HiddenInput,
    )
    seen_minor = forms.IntegerField(min_value=0, max_value=10**12, widget=forms.HiddenInput)
    attempt = forms.UUIDField(widget=forms.HiddenInput)
    click = forms.UUIDField(required=False, widget=forms.HiddenInput)
