"""Who pays and who is paid."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from payouts.enums import AccountRole, AccountStatus, PayBy, TaxProfile
from payouts.models.commission import REVIEW_DAYS

#: How long a shop may give itself to review.
LEAST_REVIEW_DAYS, MOST_REVIEW_DAYS = 7, 60


class ConnectedAccount(models.Model):
    """An account at Stripe that is connected to ours, as Stripe last described it.

    Whose it is, is known by keyed hashes alone: of its e-mail address (`payouts/addresses.py`) and of what Stripe calls
    the fingerprint of the bank accounts to which it pays out. Two that share one are paid to one place.
    """

    stripe_account_id = models.CharField(_("account at Stripe"), max_length=255, unique=True)
    role = models.CharField(_("role"), max_length=10, choices=AccountRole)
    status = models.CharField(
        _("status"), max_length=12, choices=AccountStatus, default=AccountStatus.CREATED
    )
    requirements = models.JSONField(_("what Stripe still asks"), default=list, blank=True)
    livemode = models.BooleanField(_("live"), default=False)
    email_hash = models.CharField(_("e-mail address (hash)"), max_length=64, blank=True)
    bank_hashes = ArrayField(
        models.CharField(max_length=64), verbose_name=_("bank accounts (hashes)"), default=list, blank=True
    )
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("connected account")
        verbose_name_plural = _("connected accounts")
        indexes = [
            GinIndex(fields=["bank_hashes"], name="account_at_bank"),
            models.Index(
                fields=["email_hash"], name="account_at_address", condition=~models.Q(email_hash="")
            ),
        ]

    def __str__(self) -> str:
        return self.stripe_account_id

    @property
    def can_receive(self) -> bool:
        return self.status == AccountStatus.ACTIVE


class PostalAddress(models.Model):
    """Where somebody can be found; an invoice needs it of both sides."""

    street = models.CharField(_("street and number"), max_length=120, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    city = models.CharField(_("town"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2, default="NL")

    class Meta:
        abstract = True

    @property
    def has_address(self) -> bool:
        return bool(self.street and self.city)


class Payer(PostalAddress):
    """A shop as the one that pays commissions.

    A settlement is begun for it on `next_run_date`; it goes on by itself when `is_automatic`, else when the shop says
    so.
    `sepa_limit_minor`: how much may be paid on of direct debits that can still come back; the site's own when empty.
    `behind_since`: since when a settlement waits for its payment in spite of every reminder.
    """

    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail for invoices"))
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    review_days = models.PositiveSmallIntegerField(
        _("days to review a commission once it is due"), default=REVIEW_DAYS, db_default=REVIEW_DAYS
    )
    review_reminded_at = models.DateTimeField(_("reminded of its reviews at"), null=True, blank=True)
    reports_ib47 = models.BooleanField(_("reports payments to private persons (IB47)"), default=False)
    reports_dac7 = models.BooleanField(_("reports sellers on a platform (DAC7)"), default=False)
    platform_fee_bps = models.PositiveIntegerField(_("platform fee (basis points)"), default=0)
    stripe_customer_id = models.CharField(
        _("customer at Stripe"), max_length=255, null=True, blank=True, unique=True
    )
    stripe_payment_method_id = models.CharField(
        _("payment method at Stripe"), max_length=255, null=True, blank=True
    )
    payment_method_label = models.CharField(_("payment method"), max_length=80, blank=True)
    payment_method_kind = models.CharField(
        _("kind of payment method"), max_length=20, blank=True, default="", db_default=""
    )
    pays_by = models.CharField(
        _("pays by"),
        max_length=13,
        choices=[choice for choice in PayBy.choices if choice[0] != PayBy.IDEAL],
        default=PayBy.SAVED,
        db_default=PayBy.SAVED,
    )
    is_automatic = models.BooleanField(_("settles by itself"), default=False, db_default=False)
    next_run_date = models.DateField(_("next settlement"), null=True, blank=True, db_index=True)
    sepa_limit_minor = models.BigIntegerField(_("limit of direct debits under way"), null=True, blank=True)
    behind_since = models.DateTimeField(_("behind since"), null=True, blank=True)
    account = models.OneToOneField(
        ConnectedAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="payer"
    )
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("payer")
        verbose_name_plural = _("payers")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(platform_fee_bps__lte=10_000), name="payer_fee_at_most_everything"
            ),
            models.CheckConstraint(
                condition=models.Q(review_days__gte=LEAST_REVIEW_DAYS, review_days__lte=MOST_REVIEW_DAYS),
                name="payer_review_days_in_range",
            ),
            models.CheckConstraint(
                condition=models.Q(sepa_limit_minor__isnull=True) | models.Q(sepa_limit_minor__gte=0),
                name="payer_limit_not_below_zero",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Payee(PostalAddress):
    """An advocate as the one that is paid, as she is now for the tax office; each version stands in a TaxRecord."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="payee")
    name = models.CharField(_("name on statements"), max_length=120)
    tax_profile = models.CharField(
        _("tax profile"), max_length=16, choices=TaxProfile, default=TaxProfile.PRIVATE_PERSON
    )
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    chamber_number = models.CharField(_("number at the chamber of commerce"), max_length=20, blank=True)
    account = models.OneToOneField(
        ConnectedAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="payee"
    )
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("payee")
        verbose_name_plural = _("payees")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(tax_profile__in=["nl_vat", "eu_vat"]) | ~models.Q(vat_number=""),
                name="payee_vat_profile_has_number",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def can_receive(self) -> bool:
        return self.account is not None and self.account.can_receive
