"""Models of the money floor, one module per noun."""

from payouts.models.collection import Collection, SettlementRun
from payouts.models.commission import Commission, CommissionReversal, CommissionReview
from payouts.models.event import StripeEvent
from payouts.models.ledger import LedgerAccount, LedgerEntry, LedgerTransaction
from payouts.models.party import ConnectedAccount, Payee, Payer
from payouts.models.payout import Payout, Transfer, TransferAttempt
from payouts.models.statement import Statement

__all__ = [
    "Collection",
    "Commission",
    "CommissionReversal",
    "CommissionReview",
    "ConnectedAccount",
    "LedgerAccount",
    "LedgerEntry",
    "LedgerTransaction",
    "Payee",
    "Payer",
    "Payout",
    "SettlementRun",
    "Statement",
    "StripeEvent",
    "Transfer",
    "TransferAttempt",
]
