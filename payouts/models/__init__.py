"""Models of the money floor, one module per noun."""

from payouts.models.appeal import Appeal, AppealDecision
from payouts.models.bank_payout import BankPayoutFailure
from payouts.models.budget import Budget, BudgetMovement
from payouts.models.collection import Collection, SettlementRun
from payouts.models.commission import Commission, CommissionHold, CommissionReversal, CommissionReview
from payouts.models.decision import MoneyDecision, WriteOff
from payouts.models.event import EventReading, StripeEvent
from payouts.models.fee import ApplicationFee, FeeRefund
from payouts.models.ledger import LedgerAccount, LedgerEntry, LedgerTransaction
from payouts.models.occurrence import Occurrence
from payouts.models.pace import Pace
from payouts.models.party import ConnectedAccount, Payee, Payer
from payouts.models.payout import Payout, Transfer, TransferAttempt
from payouts.models.reconciliation import Alarm, BooksCheck, Difference, Reconciliation
from payouts.models.statement import NumberSeries, Statement, StatementDispute, StatementFile
from payouts.models.tax import SelfBillingAgreement, TaxRecord, VatCheck

__all__ = [
    "Alarm",
    "Appeal",
    "AppealDecision",
    "ApplicationFee",
    "BankPayoutFailure",
    "BooksCheck",
    "Budget",
    "BudgetMovement",
    "Collection",
    "Commission",
    "CommissionHold",
    "CommissionReversal",
    "CommissionReview",
    "ConnectedAccount",
    "Difference",
    "EventReading",
    "FeeRefund",
    "LedgerAccount",
    "LedgerEntry",
    "LedgerTransaction",
    "MoneyDecision",
    "NumberSeries",
    "Occurrence",
    "Pace",
    "Payee",
    "Payer",
    "Payout",
    "Reconciliation",
    "SelfBillingAgreement",
    "SettlementRun",
    "Statement",
    "StatementDispute",
    "StatementFile",
    "StripeEvent",
    "TaxRecord",
    "Transfer",
    "TransferAttempt",
    "VatCheck",
    "WriteOff",
]
