"""Forms with which a shop connects what its sales come from."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from advocates.sale_sheets import MOST_BYTES


class WooCommerceForm(forms.Form):
    """Which site WooCommerce runs on."""

    host = forms.CharField(
        label=_("Address of your web shop"),
        max_length=255,
        help_text=_(
            "As it stands in WordPress under Settings → General → Site Address. Other sites are refused."
        ),
    )


class ShopifyForm(forms.Form):
    """Which shop at Shopify."""

    host = forms.CharField(
        label=_("Your myshopify.com address"),
        max_length=255,
        help_text=_("In Shopify under Settings → Domains; like klei.myshopify.com. Other shops are refused."),
    )


class SecretForm(forms.Form):
    """The secret that Shopify signs with."""

    secret = forms.CharField(
        label=_("Signing secret"),
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Shopify shows it below the list of webhooks: “Your webhooks will be signed with …”."),
    )


class SaleFileForm(forms.Form):
    """A file of till sales; `content` of the cleaned data are its bytes."""

    file = forms.FileField(
        label=_("File with sales"),
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(
                _now("The file is larger than %(size)d MB: split it.") % {"size": MOST_BYTES // (1024 * 1024)}
            )
        return file
