"""The documents of money: statements, self-billed invoices, credit notes and invoices to shops, and their files."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from payouts.enums import StatementForm, StatementKind, TaxTreatment


class NumberSeries(models.Model):
    """How far a series of numbers is. The next is taken in the transaction that issues, so there are no gaps."""

    name = models.CharField(_("series"), max_length=40, unique=True)
    last = models.PositiveIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")

    def __str__(self) -> str:
        return f"{self.name}{self.last:04d}"


class Statement(models.Model):
    """One document, frozen when it was issued, with a hash of its lines that shows they still are what they were.

    It is about a payout (statement or self-billed invoice), about what a later payout took back of one (credit note,
    which `refers_to` that document and is `carried_by` the payout that took it off), or about a collection.
    `lines` is a list of {"kind": "commission" | "reversal" | "fee", "commission": id or null, "description",
    "occurred_at", "amount_minor"} (what was taken back below zero); their sum is `amount_minor` less `vat_minor`.
    `parties` is {"supplier": …, "customer": …}, each with name, address and numbers as they were.
    """

    kind = models.CharField(_("kind"), max_length=12, choices=StatementKind, default=StatementKind.STATEMENT)
    payout = models.OneToOneField(
        "payouts.Payout", on_delete=models.PROTECT, null=True, blank=True, related_name="statement"
    )
    carried_by = models.ForeignKey(
        "payouts.Payout", on_delete=models.PROTECT, null=True, blank=True, related_name="credit_notes"
    )
    refers_to = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="credit_notes"
    )
    collection = models.OneToOneField(
        "payouts.Collection", on_delete=models.PROTECT, null=True, blank=True, related_name="invoice"
    )
    payer = models.ForeignKey(
        "payouts.Payer", on_delete=models.PROTECT, null=True, blank=True, related_name="statements"
    )
    payee = models.ForeignKey(
        "payouts.Payee", on_delete=models.PROTECT, null=True, blank=True, related_name="statements"
    )
    number = models.CharField(_("number"), max_length=40, unique=True)
    issued_at = models.DateTimeField(_("issued at"))
    language = models.CharField(_("language"), max_length=5, default="nl")
    payer_name = models.CharField(_("paid by"), max_length=120)
    payer_vat_number = models.CharField(_("VAT number of the payer"), max_length=20, blank=True)
    payee_name = models.CharField(_("paid to"), max_length=120)
    tax_profile = models.CharField(_("tax profile"), max_length=16, blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    treatment = models.CharField(
        _("treatment for VAT"), max_length=14, choices=TaxTreatment, default="", blank=True
    )
    parties = models.JSONField(_("both sides"), default=dict)
    currency = models.CharField(_("currency"), max_length=3)
    amount_minor = models.BigIntegerField(_("amount"))
    vat_minor = models.BigIntegerField(_("VAT"), default=0)
    vat_rate_bps = models.PositiveIntegerField(_("VAT rate (basis points)"), default=0)
    lines = models.JSONField(_("lines"))
    sha256 = models.CharField(_("hash of the lines"), max_length=64)

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        indexes = [
            models.Index(fields=["payee", "issued_at"], name="statement_of_payee"),
            models.Index(fields=["payer", "-issued_at", "-id"], name="statement_of_payer"),
            models.Index(fields=["issued_at"], name="statement_issued"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=["statement", "self_billed"], payout__isnull=False, collection__isnull=True
                )
                | models.Q(
                    kind="credit_note",
                    carried_by__isnull=False,
                    refers_to__isnull=False,
                    payout__isnull=True,
                    collection__isnull=True,
                )
                | models.Q(kind="shop_invoice", collection__isnull=False, payout__isnull=True),
                name="statement_is_about_one_thing",
            ),
            models.UniqueConstraint(
                fields=["carried_by", "refers_to"], name="statement_credited_once_per_payout"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def net_minor(self) -> int:
        """Without VAT."""
        return self.amount_minor - self.vat_minor


class StatementFile(models.Model):
    """A document as a file: its hash is recorded when it is first made, and made again it must be the same."""

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="files")
    form = models.CharField(_("form"), max_length=3, choices=StatementForm)
    name = models.CharField(_("name in the store"), max_length=120, unique=True)
    sha256 = models.CharField(_("hash of the file"), max_length=64)
    size = models.PositiveIntegerField(_("bytes"))
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("file of a statement")
        verbose_name_plural = _("files of statements")
        constraints = [models.UniqueConstraint(fields=["statement", "form"], name="statement_file_once")]

    def __str__(self) -> str:
        return self.name


class StatementDispute(models.Model):
    """That a payee does not accept a document, why, and what the other side answered."""

    statement = models.OneToOneField(Statement, on_delete=models.PROTECT, related_name="dispute")
    reason = models.TextField(_("what is not right"), max_length=1000)
    disputed_at = models.DateTimeField(_("disputed at"))
    disputed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answer = models.TextField(_("answer"), max_length=1000, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("dispute about a statement")
        verbose_name_plural = _("disputes about statements")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=True, answered_by__isnull=True, answer="")
                | models.Q(answered_at__isnull=False, answered_by__isnull=False) & ~models.Q(answer=""),
                name="statement_dispute_answered_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"{self.statement}: {self.reason[:40]}"
