"""The books: double entry, append-only, guarded by the database (triggers in migration 0002)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payouts.enums import AccountKind, TransactionKind


class LedgerAccount(models.Model):
    """A place where money is, per currency. Its balance is written by the entries' trigger alone."""

    kind = models.CharField(_("kind"), max_length=20, choices=AccountKind)
    payer = models.ForeignKey(
        "payouts.Payer", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    payee = models.ForeignKey(
        "payouts.Payee", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    currency = models.CharField(_("currency"), max_length=3)
    balance_minor = models.BigIntegerField(_("balance (debit positive)"), default=0, editable=False)

    class Meta:
        verbose_name = _("ledger account")
        verbose_name_plural = _("ledger accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "payer", "payee", "currency"],
                nulls_distinct=False,
                name="ledger_account_once",
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(kind__startswith="advocate:", payer__isnull=False, payee__isnull=False)
                    | models.Q(kind__startswith="shop:", payer__isnull=False, payee__isnull=True)
                    | models.Q(
                        kind__in=[
                            "stripe:pending",
                            "stripe:available",
                            "fees:stripe",
                            "income:platform",
                            "platform:own",
                            "suspense",
                        ],
                        payer__isnull=True,
                        payee__isnull=True,
                    )
                    | models.Q(kind__startswith="loss:", payer__isnull=False)
                ),
                name="ledger_account_has_its_owner",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def shown_minor(self) -> int:
        """The balance as its owner reads it: above zero is more of what the account is named after."""
        return AccountKind(self.kind).sign * self.balance_minor

    @property
    def code(self) -> str:
        """The account's name in docs: "shop:3:receivable", "advocate:7:payable@shop:3", "stripe:pending"."""
        owner, _colon, place = self.kind.partition(":")
        if self.payee_id:
            return f"advocate:{self.payee_id}:{place}@shop:{self.payer_id}"
        if self.payer_id:
            return f"{owner}:{self.payer_id}:{place}"
        return self.kind


class LedgerTransaction(models.Model):
    """One step that moved money: two entries or more that sum to zero in each currency."""

    key = models.CharField(_("idempotency key"), max_length=150, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=TransactionKind)
    occurred_at = models.DateTimeField(_("occurred at"))
    posted_at = models.DateTimeField(_("posted at"), auto_now_add=True)
    memo = models.CharField(_("memo"), max_length=200, blank=True)
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrections", db_index=False
    )
    commission = models.ForeignKey(
        "payouts.Commission",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="ledger_transactions",
    )
    collection = models.ForeignKey(
        "payouts.Collection",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="ledger_transactions",
        db_index=False,
    )
    payout = models.ForeignKey(
        "payouts.Payout",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="ledger_transactions",
        db_index=False,
    )

    #: The one balance transaction at Stripe that this step is about; nothing where no money moved there.
    stripe_balance_transaction_id = models.CharField(
        _("balance transaction at Stripe"), max_length=255, null=True, blank=True, unique=True
    )

    class Meta:
        verbose_name = _("ledger transaction")
        verbose_name_plural = _("ledger transactions")
        ordering = ["pk"]
        # Most transactions are about a commission alone: the indexes of the others have the few rows that are not.
        indexes = [
            models.Index(
                fields=[name], name=f"ledger_transaction_{name}", condition=Q((f"{name}__isnull", False))
            )
            for name in ("corrects", "collection", "payout")
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.get_kind_display()}"


class LedgerEntry(models.Model):
    """One side of a transaction: debit above zero, credit below, in minor units of the account's currency."""

    transaction = models.ForeignKey(LedgerTransaction, on_delete=models.PROTECT, related_name="entries")
    account = models.ForeignKey(
        LedgerAccount, on_delete=models.PROTECT, related_name="entries", db_index=False
    )
    amount_minor = models.BigIntegerField(_("amount (debit positive)"))
    currency = models.CharField(_("currency"), max_length=3)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ["pk"]
        # In place of the key's own index: an account is read from its newest entry backwards.
        indexes = [models.Index(fields=["account", "id"], name="ledger_entry_of_account")]
        constraints = [
            models.CheckConstraint(condition=~models.Q(amount_minor=0), name="ledger_entry_not_zero")
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.currency}"
