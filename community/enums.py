"""The words of the people floor, each with the label that people read."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProfileRole(models.TextChoices):
    """As whom somebody speaks: the kinds of people who influence a purchase."""

    EXPERT = "expert", _("Expert")
    CUSTOMER = "customer", _("Customer")
    EMPLOYEE = "employee", _("Employee")
    PUBLIC_FIGURE = "public_figure", _("Public figure")
    FRIEND = "friend", _("Friend")


class ReviewOrigin(models.TextChoices):
    """Where a review comes from, as its badge says."""

    VERIFIED = "verified", _("Verified purchase")
    UNVERIFIED = "unverified", _("Not verified")
    IMPORTED = "imported", _("Imported")
    EMPLOYEE = "employee", _("Works at the shop")
    RECEIVED = "received", _("Received it for free")


class ReviewState(models.TextChoices):
    WAITING = "waiting", _("Waiting for a look")
    PUBLIC = "public", _("Public")
    HIDDEN = "hidden", _("Hidden")


class ReportReason(models.TextChoices):
    """Why a shop asks to have a review looked at. That it is negative is no reason."""

    NOT_A_CUSTOMER = "not_a_customer", _("This is nobody who bought from us")
    OTHER_PRODUCT = "other_product", _("It is about something else")
    PRIVATE_DATA = "private_data", _("It names somebody or shows private data")
    INSULT = "insult", _("It insults or threatens")
    ADVERTISING = "advertising", _("It advertises something")
    ILLEGAL = "illegal", _("It is against the law")


class ReportOutcome(models.TextChoices):
    KEPT = "kept", _("The review stays")
    HIDDEN = "hidden", _("The review was hidden")


class InvitationCause(models.TextChoices):
    """After what somebody is asked to become an advocate."""

    GOOD_REVIEW = "good_review", _("A good review")
    SECOND_ORDER = "second_order", _("A second order")
