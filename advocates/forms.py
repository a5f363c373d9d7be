"""Forms of the advocate's own screens."""

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from advocates.models import Advocate, Enrolment, Product
from advocates.refusals import Refusal


class LinkForm(forms.Form):
    """A link of one's own, to a product or to a page of a shop one has a deal with."""

    product = forms.ModelChoiceField(
        queryset=Product.objects.none(),
        required=False,
        widget=forms.HiddenInput,
        error_messages={
            "invalid_choice": _("That product is not of a shop you have a deal with. Choose another one.")
        },
    )
    url = forms.URLField(
        label=_("Page in the shop"),
        max_length=2000,
        required=False,
        assume_scheme="https",
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://"}),
        help_text=_("The address of any page of a shop you have a deal with."),
    )
    channel = forms.CharField(
        label=_("Where you will use it"),
        max_length=30,
        required=False,
        help_text=_("Each place gets a link and figures of its own. Choose one, or write your own words."),
        widget=forms.TextInput(attrs={"list": "channels", "autocomplete": "off"}),
    )
    name = forms.CharField(
        label=_("Name of its own"),
        max_length=60,
        required=False,
        help_text=_("To say aloud or print: it becomes part of a short address. It stays for good."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )

    def __init__(self, *args: object, products: QuerySet[Product], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        field = self.fields["product"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 -- for the type checker
        field.queryset = products

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("product") and not cleaned.get("url"):
            self.add_error("url", _now("Choose a product, or write the address of a page."))
        return cleaned


class LinkNameForm(forms.Form):
    """The name that a link gets."""

    name = forms.CharField(
        label=_("Name of its own"),
        max_length=60,
        help_text=_("To say aloud or print: it becomes part of a short address. It stays for good."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )


class CodeForm(forms.Form):
    """A discount code for one enrolment."""

    enrolment = forms.ModelChoiceField(label=_("Programme"), queryset=Enrolment.objects.none())
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("3 to 30 letters and digits, as ADA10. It stays yours for good."),
    )

    def __init__(self, *args: object, advocate: Advocate, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        field = self.fields["enrolment"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 -- for the type checker
        active = Enrolment.objects.filter(advocate=advocate, state="active")
        field.queryset = active.select_related("programme__shop", "advocate__user")
        field.label_from_instance = lambda obj: str(obj.programme.shop)  # type: ignore[method-assign]


def show_refusal(form: forms.Form, refusal: Refusal) -> None:
    """Put each of a verb's messages at the field that it speaks of."""
    for field, messages in refusal.errors.items():
        for message in messages:
            form.add_error(field if field in form.fields else None, message)
