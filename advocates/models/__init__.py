"""Models of the deals floor, one module per noun."""

from advocates.models.attribution import Attribution, PastAttribution, Share, ShareLine
from advocates.models.catalogue import Craft, FeedImport, FeedImportError, Offer, Product, ProductPicture
from advocates.models.claim import Claim
from advocates.models.connection import (
    SaleUpload,
    ShopConnection,
    ShopEvent,
    WebhookAttempt,
    WebhookEndpoint,
    WebhookMessage,
)
from advocates.models.enrolment import Advocate, Code, Enrolment, EnrolmentAcceptance
from advocates.models.fraud import FraudFinding
from advocates.models.link import Link, Touch, TouchCount
from advocates.models.programme import Bonus, Deal, DealBonus, DealRate, DealTier, Programme
from advocates.models.publication import Contributor, Mention, Publication
from advocates.models.purchase import Purchase, SellingTerms
from advocates.models.sale import BuyerContact, Refund, RefundLine, RefusedReport, Sale, SaleLine
from advocates.models.shop import Shop, ShopApiKey, ShopMember

__all__ = [
    "Advocate",
    "Attribution",
    "Bonus",
    "BuyerContact",
    "Claim",
    "Code",
    "Contributor",
    "Craft",
    "Deal",
    "DealBonus",
    "DealRate",
    "DealTier",
    "Enrolment",
    "EnrolmentAcceptance",
    "FeedImport",
    "FeedImportError",
    "FraudFinding",
    "Link",
    "Mention",
    "Offer",
    "PastAttribution",
    "Product",
    "ProductPicture",
    "Programme",
    "Publication",
    "Purchase",
    "Refund",
    "RefundLine",
    "RefusedReport",
    "Sale",
    "SaleLine",
    "SaleUpload",
    "SellingTerms",
    "Share",
    "ShareLine",
    "Shop",
    "ShopApiKey",
    "ShopConnection",
    "ShopEvent",
    "ShopMember",
    "Touch",
    "TouchCount",
    "WebhookAttempt",
    "WebhookEndpoint",
    "WebhookMessage",
]
