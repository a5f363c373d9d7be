"""Models of the money floor, one module per noun."""

from payouts.models.budget import Budget, BudgetMovement
from payouts.models.collection import Collection, SettlementRun
from payouts.models.commission import Commission, CommissionReversal, CommissionReview
from payouts.models.event import StripeEvent
from payouts.models.ledger import LedgerAccount, LedgerEntry, LedgerTransaction
from payouts.models.occurrence import Occurrence
from payouts.models.party import ConnectedAccount, Payee, Payer
from payouts.models.payout import Payout, Transfer, TransferAttempt
from payouts.models.statement import Statement

__all__ = [
    "Budget",
    "BudgetMovement",
    "Collection",
    "Commission",
    "CommissionReversal",
    "CommissionReview",
    "ConnectedAccount",
    "LedgerAccount",
    "LedgerEntry",
    "LedgerTransaction",
    "Occurrence",
    "Payee",
    "Payer",
    "Payout",
    "SettlementRun",
    "Statement",
    "StripeEvent",
    "Transfer",
    "TransferAttempt",
]
