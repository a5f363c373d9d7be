"""The words of the money floor: states, kinds and reasons, each with the label that people read."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AccountKind(models.TextChoices):
    """Kinds of ledger account; docs/commissions.md shows which step posts to which."""

    STRIPE_PENDING = "stripe:pending", _("Stripe, not yet available")
    STRIPE_AVAILABLE = "stripe:available", _("Stripe, available")
    SHOP_RECEIVABLE = "shop:receivable", _("Owed by the shop")
    SHOP_PREPAID = "shop:prepaid", _("Paid ahead by the shop")
    ADVOCATE_HELD = "advocate:held", _("Earned, on hold")
    ADVOCATE_PAYABLE = "advocate:payable", _("Due to the advocate")
    ADVOCATE_IN_TRANSIT = "advocate:in_transit", _("On its way to the advocate")
    FEES_STRIPE = "fees:stripe", _("Stripe's fees")
    INCOME_PLATFORM = "income:platform", _("Platform fee earned")
    PLATFORM_OWN = "platform:own", _("The platform's own money at Stripe")
    LOSS_SHOP = "loss:shop", _("Written off, shop")
    LOSS_ADVOCATE = "loss:advocate", _("Written off, advocate")
    SUSPENSE = "suspense", _("To be explained")

    @property
    def sign(self) -> int:
        """-1 for accounts that stand below zero; their owners read them above it (docs/ledger.md)."""
        return -1 if self.value.startswith(("advocate:", "shop:prepaid", "income:")) else 1


class TransactionKind(models.TextChoices):
    """Steps that post to the ledger."""

    ACCRUE = "accrue", _("Commission earned")
    MATURE = "mature", _("Hold ended")
    HOLD = "hold", _("Held back")
    REVERSE = "reverse", _("Commission reversed")
    REJECT = "reject", _("Commission rejected")
    COLLECTED = "collected", _("Collected from the shop")
    AVAILABLE = "available", _("Money available")
    RESERVE = "reserve", _("Reserved for payout")
    SENT = "sent", _("Sent to the advocate")
    RELEASE = "release", _("Reserve released")
    TRANSFER_REVERSED = "transfer_reversed", _("Transfer reversed")
    COLLECTION_RETURNED = "collection_returned", _("Collection returned")
    FEE_RECEIVED = "fee_received", _("Fee of a sale received")
    FEE_RETURNED = "fee_returned", _("Fee of a sale given back")
    TOPPED_UP = "topped_up", _("Put in by the platform")
    BANKED = "banked", _("Paid out to the platform's bank")
    STRIPE_CHARGED = "stripe_charged", _("Charged by Stripe itself")
    VAT = "vat", _("VAT on commissions")
    WRITTEN_OFF = "written_off", _("Written off")
    CORRECTION = "correction", _("Correction")


class CommissionState(models.TextChoices):
    PENDING = "pending", _("On hold until the return period ends")
    DUE = "due", _("Due")
    IN_PAYOUT = "in_payout", _("Being paid out")
    PAID = "paid", _("Paid")
    ON_HOLD = "on_hold", _("Held back")
    REJECTED = "rejected", _("Rejected")
    REVERSED = "reversed", _("Reversed")


class ReviewState(models.TextChoices):
    OPEN = "open", _("To review")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")


class RejectionReason(models.TextChoices):
    RETURNED = "returned", _("The order was returned")
    UNPAID = "unpaid", _("The order was never paid")
    OWN_PURCHASE = "own_purchase", _("The advocate bought it herself")
    AGAINST_TERMS = "against_terms", _("Against the terms of the deal")
    DUPLICATE = "duplicate", _("The order was counted twice")
    OTHER = "other", _("Something else (see the note)")


class AccountStatus(models.TextChoices):
    """A connected account as Stripe last told us."""

    CREATED = "created", _("Not set up yet")
    ONBOARDING = "onboarding", _("Stripe is checking the details")
    ACTIVE = "active", _("Ready")
    RESTRICTED = "restricted", _("Stripe needs something more")
    DISABLED = "disabled", _("Disabled by Stripe")
    DEAUTHORISED = "deauthorised", _("Disconnected")


class AccountRole(models.TextChoices):
    RECIPIENT = "recipient", _("Receives payouts")
    MERCHANT = "merchant", _("Sells through Stripe")


class RunState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    FROZEN = "frozen", _("Frozen")
    AWAITING_FUNDS = "awaiting_funds", _("Waiting for the shop's payment")
    FUNDED = "funded", _("Funded")
    SENDING = "sending", _("Sending")
    SETTLED = "settled", _("Settled")
    PARTIALLY_SETTLED = "partially_settled", _("Partly settled")
    CANCELLED = "cancelled", _("Cancelled")


class PayBy(models.TextChoices):
    """How a shop pays a settlement."""

    SAVED = "saved", _("What is saved at Stripe: direct debit or card")
    BANK_TRANSFER = "bank_transfer", _("Bank transfer")
    IDEAL = "ideal", _("iDEAL")


class CollectionState(models.TextChoices):
    CREATED = "created", _("To be paid")
    REQUIRES_ACTION = "requires_action", _("Needs the shop")
    PROCESSING = "processing", _("Under way")
    SUCCEEDED = "succeeded", _("Paid, not yet available")
    AVAILABLE = "available", _("Received")
    FAILED = "failed", _("Failed")
    DISPUTED = "disputed", _("Disputed")
    RETURNED = "returned", _("Taken back")
    CANCELLED = "cancelled", _("Cancelled")


class PayoutState(models.TextChoices):
    READY = "ready", _("Ready")
    SENDING = "sending", _("Sending")
    UNKNOWN = "unknown", _("Being looked up at Stripe")
    SENT = "sent", _("Sent")
    PARKED = "parked", _("Parked")
    VOID = "void", _("Void")


class AttemptState(models.TextChoices):
    OPEN = "open", _("Open")
    SUCCEEDED = "succeeded", _("Succeeded")
    REFUSED = "refused", _("Refused")
    ABANDONED = "abandoned", _("Given up: nothing was found at Stripe")


class DecisionKind(models.TextChoices):
    """What a person may decide about money under way."""

    APPROVED = "approved", _("Settlement approved")
    CANCELLED = "cancelled", _("Settlement cancelled")
    RESUMED = "resumed", _("Settlement let go on")
    LIMIT = "limit", _("Limit of direct debits set")
    PARKED = "parked", _("Payout parked")
    RETRIED = "retried", _("Payout to be sent after all")
    VOIDED = "voided", _("Payout given up")


class EventState(models.TextChoices):
    RECEIVED = "received", _("Received")
    PROCESSED = "processed", _("Processed")
    IGNORED = "ignored", _("Not for us")
    WAITING = "waiting", _("Waiting for something we do not know yet")
    FAILED = "failed", _("Failed")


class TaxProfile(models.TextChoices):
    """How an advocate stands towards VAT; decides the words on a statement."""

    PRIVATE_PERSON = "private_person", _("Private person")
    SMALL_BUSINESS = "small_business", _("Business under the small-business scheme (KOR)")
    NL_VAT = "nl_vat", _("Dutch business with VAT number")
    EU_VAT = "eu_vat", _("EU business with VAT number")
    OUTSIDE_EU = "outside_eu", _("Business outside the EU")


class TaxTreatment(models.TextChoices):
    """What one payout is for VAT; docs/tax.md says which of them applies when, and what it costs."""

    PRIVATE_PERSON = "private_person", _("Private person: no VAT")
    SMALL_BUSINESS = "small_business", _("Small-business scheme (KOR): exempt")
    OWN_INVOICE = "own_invoice", _("The advocate sends an invoice of her own")
    NL_VAT = "nl_vat", _("Dutch VAT on top")
    REVERSE_CHARGE = "reverse_charge", _("VAT reverse charge")
    OUTSIDE_EU = "outside_eu", _("Outside the scope of EU VAT")


class StatementKind(models.TextChoices):
    """The documents there are."""

    STATEMENT = "statement", _("Statement")
    SELF_BILLED = "self_billed", _("Self-billed invoice")
    CREDIT_NOTE = "credit_note", _("Credit note")
    SHOP_INVOICE = "shop_invoice", _("Invoice to the shop")


class StatementForm(models.TextChoices):
    """The files that a document is handed out as."""

    PDF = "pdf", "PDF"
    XML = "xml", "XML"


class VatAnswer(models.TextChoices):
    """What VIES, the register of the EU's VAT numbers, said about one."""

    VALID = "valid", _("Known to VIES")
    INVALID = "invalid", _("Not known to VIES")
    NOT_CHECKED = "not_checked", _("Not checked")


class BudgetStep(models.TextChoices):
    """How a budget moves. What of it is reserved and what is spent follows from its commissions' own states."""

    FUNDED = "funded", _("Set aside")
    WITHDRAWN = "withdrawn", _("Taken out")
    RESERVED = "reserved", _("Reserved for a commission")
    RELEASED = "released", _("Released: a commission was reversed or rejected")


class OccurrenceKind(models.TextChoices):
    """What happened to a commission or a payout."""

    COMMISSION_CREATED = "commission_created", _("Commission earned")
    COMMISSION_APPROVED = "commission_approved", _("Commission approved")
    COMMISSION_REJECTED = "commission_rejected", _("Commission rejected")
    COMMISSION_REVERSED = "commission_reversed", _("Commission taken back, whole or in part")
    PAYOUT_SENT = "payout_sent", _("Payout sent")
    PAYOUT_FAILED = "payout_failed", _("Payout failed")


class DifferenceKind(models.TextChoices):
    """In what Stripe and the books can differ, and what can stand still; docs/reconciliation.md tells what to do."""

    PAYMENT_UNBOOKED = "payment_unbooked", _("A shop's payment moved money that the books do not have")
    FEE_UNBOOKED = "fee_unbooked", _("A fee of a sale moved money that the books do not have")
    OWN_UNBOOKED = "own_unbooked", _("The platform's own money moved, and the books do not have it")
    MOVEMENT_UNBOOKED = "movement_unbooked", _("Money moved at Stripe that nobody here knows of")
    MOVEMENT_AMOUNT = "movement_amount", _("The books have another amount than Stripe")
    MOVEMENT_MISSING = "movement_missing", _("The books have money moving that Stripe does not show")
    AVAILABLE_UNBOOKED = "available_unbooked", _("Money is available at Stripe, and pending in the books")
    TRANSFER_UNRECORDED = "transfer_unrecorded", _("Stripe has a transfer that its payout does not know")
    TRANSFER_REVERSED = "transfer_reversed", _("More of a transfer was taken back than its payout knows")
    TRANSFER_AMOUNT = "transfer_amount", _("A transfer has another amount than its payout")
    TRANSFER_TWICE = "transfer_twice", _("A payout has two transfers")
    TRANSFER_UNKNOWN = "transfer_unknown", _("A transfer names a payout that is not here")
    TRANSFER_MISSING = "transfer_missing", _("A payout counts as sent, and Stripe shows no transfer")
    EVENT_MISSING = "event_missing", _("An event of Stripe's never came in")
    BALANCE_OFF = (
        "balance_off",
        _("Stripe's balance is not what the books say, and no difference explains it"),
    )
    PAYOUT_STUCK = "payout_stuck", _("A payout has been under way for too long")
    COLLECTION_STUCK = "collection_stuck", _("A shop's payment has been under way for too long")
    IN_SUSPENSE = "in_suspense", _("The books hold money that nobody can explain")


class Resolution(models.TextChoices):
    """How a difference came to an end."""

    FIXED = "fixed", _("Mended: what Stripe has was taken in")
    GONE = "gone", _("No longer found")


class ReconciliationResult(models.TextChoices):
    CLEAN = "clean", _("All agrees")
    DIFFERENCES = "differences", _("There are differences")
    UNDECIDED = "undecided", _("Stripe could not be compared with")


class AlarmKind(models.TextChoices):
    """What somebody should look at now."""

    PAYOUT_STUCK = "payout_stuck", _("A payout has been under way for too long")
    RUN_STOPPED = "run_stopped", _("A settlement run has stopped and waits for a person")
    EVENTS_WAIT = "events_wait", _("Events of Stripe's have waited for more than an hour")
    BOOKS_WRONG = "books_wrong", _("The books do not balance")
    DIFFERENCES = "differences", _("Stripe and the books do not agree")
    NOT_COMPARED = "not_compared", _("The books could not be compared with Stripe")
