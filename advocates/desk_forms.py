"""Forms of a shop's desk."""

import re
from typing import Any

from babel import Locale
from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from payouts.enums import PayBy
from payouts.money import UnableToReadAmount, as_decimal, parse_minor, rate_of
from payouts.vat import EU_COUNTRIES

#: The largest feed that may be uploaded, in bytes; packed with gzip it holds ten times as much.
MAX_FEED_BYTES = 200 * 1024 * 1024
_RATE = re.compile(r"(?P<whole>\d{1,3})(?:[.,](?P<part>\d{1,2}))?")


def country_choices() -> list[tuple[str, str]]:
    """Countries of the EU by their names in the reader's language."""
    names = Locale.parse(to_locale(get_language() or "en")).territories
    return sorted(((code, names[code]) for code in EU_COUNTRIES), key=lambda choice: choice[1])


class CancelRunForm(forms.Form):
    """Why a settlement is given up."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        help_text=_("Stays with the settlement, for you and for us."),
    )


class SettlingForm(forms.Form):
    """How settlements begin, and how they are paid."""

    is_automatic = forms.TypedChoiceField(
        label=_("Settlements begin on set days. They"),
        choices=[("no", _("wait until we approve them")), ("yes", _("go on by themselves"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    pays_by = forms.ChoiceField(
        label=_("We pay them by"),
        choices=[choice for choice in PayBy.choices if choice[0] != PayBy.IDEAL],
        widget=forms.RadioSelect,
    )


class RateField(forms.CharField):
    """A percentage with at most two decimals, read exactly, as basis points."""

    def clean(self, value: Any) -> Any:
        text = (super().clean(value) or "").replace(" ", "").removesuffix("%")
        if not text:
            return text
        match = _RATE.fullmatch(text)
        if match is None or not text.isascii():
            raise ValidationError(_now("Write a percentage like 7.5, with at most two decimals."))
        return int(match["whole"]) * 100 + int((match["part"] or "").ljust(2, "0"))

    def prepare_value(self, value: Any) -> Any:
        return number_format(rate_of(value)) if isinstance(value, int) else value


class AmountField(forms.CharField):
    """An amount of euros as minor units; None where it is left empty."""

    currency = "EUR"

    def clean(self, value: Any) -> Any:
        text = (super().clean(value) or "").removeprefix("€").strip()
        if not text:
            return None
        try:
            return parse_minor(text, self.currency)
        except UnableToReadAmount as error:
            raise ValidationError(str(error)) from error

    def prepare_value(self, value: Any) -> Any:
        return number_format(as_decimal(value, self.currency)) if isinstance(value, int) else value


class AdvertisingForm(forms.Form):
    """What an order costs a shop through its own advertising."""

    advertising = AmountField(
        label=_("What an order costs you through advertising"),
        required=False,
        max_length=20,
        help_text=_("What you spent in a month, divided by the orders it brought. Only you see it."),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )


class NewShopForm(forms.Form):
    """A shop, as it begins."""

    name = forms.CharField(label=_("Name of the shop"), max_length=80)
    homepage_url = forms.URLField(
        label=_("Web address"),
        max_length=500,
        assume_scheme="https",
        help_text=_("Links may lead to this host. You can add others later."),
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://"}),
    )
    tagline = forms.CharField(
        label=_("One line about the shop"),
        max_length=140,
        required=False,
        help_text=_("What you are known for."),
    )
    story = forms.CharField(
        label=_("Story"),
        max_length=5000,
        required=False,
        help_text=_("Who you are, what you make or choose, and why. Advocates read this first."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    country = forms.ChoiceField(label=_("Country"), choices=country_choices, initial="NL")


class ShopForm(NewShopForm):
    """What a shop says of itself. Its country is its invoices', and is changed with them."""

    country = None  # type: ignore[assignment]  # how Django takes a field away


class HostForm(forms.Form):
    host = forms.CharField(
        label=_("Another host"),
        max_length=300,
        help_text=_("For instance: shop.example or outlet.shop.example."),
    )


class KeyForm(forms.Form):
    name = forms.CharField(
        label=_("Which system will use it"), max_length=60, help_text=_("For instance: web shop, till.")
    )


class FeedForm(forms.Form):
    """A product feed from one's own computer."""

    file = forms.FileField(
        label=_("Product feed"),
        max_length=255,
        widget=forms.FileInput(attrs={"accept": ".xml,.rss,.atom,.csv,.tsv,.txt,.gz"}),
    )
    is_full = forms.BooleanField(
        label=_("This is the whole assortment"),
        required=False,
        initial=True,
        help_text=_("Products that it does not name become unavailable. They are never deleted."),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_FEED_BYTES:
            raise ValidationError(
                _now("The file is larger than %(limit)d MB: pack it with gzip.")
                % {"limit": MAX_FEED_BYTES // 1024**2}
            )
        return file


class CraftForm(forms.Form):
    """How one product is made and kept."""

    maker = forms.CharField(
        label=_("Who makes it"),
        max_length=200,
        required=False,
        help_text=_("A person, a workshop, a factory: by name, and where."),
    )
    material = forms.CharField(
        label=_("What it is made of"),
        max_length=300,
        required=False,
        help_text=_("Each part, and where it comes from if you know."),
    )
    process = forms.CharField(
        label=_("How it is made"),
        max_length=1000,
        required=False,
        help_text=_(
            "The steps a buyer does not see: by hand or by machine, how long it takes, what is hard."
        ),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    repair = forms.CharField(
        label=_("How it is kept and repaired"),
        max_length=600,
        required=False,
        help_text=_("How it stays good, and what you or somebody else can mend, for how much."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    based_on = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


class PictureOrderForm(forms.Form):
    """One picture that goes a place up or down, or to the front; `based_on` is the order that was seen."""

    picture = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    to = forms.ChoiceField(choices=[("first", ""), ("up", ""), ("down", "")])
    based_on = forms.RegexField(r"\A[0-9]{1,10}(?:,[0-9]{1,10}){0,50}\Z", max_length=600)

    def clean_based_on(self) -> list[int]:
        return [int(pk) for pk in self.cleaned_data["based_on"].split(",")]


class ProgrammeForm(forms.Form):
    """What a programme says of itself."""

    name = forms.CharField(label=_("Name of the programme"), max_length=80)
    description = forms.CharField(
        label=_("What you ask of advocates"),
        max_length=3000,
        required=False,
        help_text=_("Whom you look for, what you like to see, and what you do not want."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class DeclineForm(forms.Form):
    note = forms.CharField(
        label=_("Note"),
        max_length=1000,
        required=False,
        help_text=_("The person reads this. A reason is kind, and spares you questions."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class BillingForm(forms.Form):
    """As whom a shop pays."""

    name = forms.CharField(
        label=_("Name on invoices"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    email = forms.EmailField(
        label=_("E-mail for invoices"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    street = forms.CharField(
        label=_("Street and number"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-line1"}),
    )
    postal_code = forms.CharField(
        label=_("Postal code"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
    )
    city = forms.CharField(
        label=_("Town"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )
    country = forms.ChoiceField(label=_("Country"), choices=country_choices)
    vat_number = forms.CharField(
        label=_("VAT number"),
        max_length=30,
        required=False,
        help_text=_("With its letters in front, like NL123456789B13."),
    )


class ReportingForm(forms.Form):
    """Which data sets for the tax office a shop makes."""

    reports_ib47 = forms.BooleanField(
        label=_("IB47: what we paid to private persons"),
        required=False,
        help_text=_("For businesses in the Netherlands that the tax office has asked for it."),
    )
    reports_dac7 = forms.BooleanField(
        label=_("DAC7: what sellers were paid through a platform"),
        required=False,
        help_text=_("For whoever runs a platform in the sense of the EU’s rules."),
    )


class JoinForm(forms.Form):
    """Asking to join a programme under one version of its terms."""

    motivation = forms.CharField(
        label=_("Why you would like to join"),
        max_length=1000,
        required=False,
        help_text=_("The shop reads this: what you know of its products, and where people find you."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    accept = forms.BooleanField(
        error_messages={"required": _("Read the terms, and tick that you accept them.")}
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def __init__(self, *args: Any, version: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._version = version
        self.initial["version"] = version
        self.fields["accept"].label = _now("I have read version %(version)d of the terms and accept it") % {
            "version": version
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("version", self._version) != self._version:
            self.add_error(
                "accept", _now("The terms have changed while you were reading. Read them once more.")
            )
        return data
