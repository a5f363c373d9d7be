"""What others see of a person."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from community.enums import ProfileRole

HANDLE = RegexValidator(
    r"^[a-z0-9](?:[a-z0-9-]{1,28})[a-z0-9]$",
    _("Use 3 to 30 small letters, digits and hyphens; begin and end with a letter or digit."),
)


class Profile(models.Model):
    """A person's public page at `/@handle/`."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile")
    handle = models.CharField(_("handle"), max_length=30, unique=True, validators=[HANDLE])
    role = models.CharField(_("role"), max_length=13, choices=ProfileRole, default=ProfileRole.CUSTOMER)
    works_at = models.ForeignKey(
        "advocates.Shop",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="employees",
        verbose_name=_("works at"),
    )
    tagline = models.CharField(_("one line about you"), max_length=120, blank=True)
    bio = models.TextField(_("about you"), max_length=1500, blank=True)
    website = models.URLField(_("website"), max_length=300, blank=True)
    portrait = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("portrait"),
    )
    feed_seen_at = models.DateTimeField(_("feed read until"), null=True, blank=True)
    created_at = models.DateTimeField(_("member since"))

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")

    def __str__(self) -> str:
        return f"@{self.handle}"

    def get_absolute_url(self) -> str:
        return reverse("community:profile", args=[self.handle])


class PastHandle(models.Model):
    """A handle that somebody had before: its addresses lead on to the new one, and nobody else can take it."""

    handle = models.CharField(_("handle"), max_length=30, unique=True)
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="past_handles")
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("past handle")
        verbose_name_plural = _("past handles")

    def __str__(self) -> str:
        return f"@{self.handle}"
