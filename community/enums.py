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
