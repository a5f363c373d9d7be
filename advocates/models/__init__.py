"""Models of the deals floor, one module per noun."""

from advocates.models.attribution import Attribution, Share, ShareLine
from advocates.models.catalogue import Craft, FeedImport, FeedImportError, Offer, Product, ProductPicture
from advocates.models.enrolment import Advocate, Code, Enrolment, EnrolmentAcceptance
from advocates.models.link import Link, Touch
from advocates.models.programme import Deal, Programme
from advocates.models.publication import Contributor, Mention, Publication
from advocates.models.sale import BuyerContact, Refund, RefundLine, Sale, SaleLine
from advocates.models.shop import Shop, ShopApiKey, ShopMember

__all__ = [
    "Advocate",
    "Attribution",
    "BuyerContact",
    "Code",
    "Contributor",
    "Craft",
    "Deal",
    "Enrolment",
    "EnrolmentAcceptance",
    "FeedImport",
    "FeedImportError",
    "Link",
    "Mention",
    "Offer",
    "Product",
    "ProductPicture",
    "Programme",
    "Publication",
    "Refund",
    "RefundLine",
    "Sale",
    "SaleLine",
    "Share",
    "ShareLine",
    "Shop",
    "ShopApiKey",
    "ShopMember",
    "Touch",
]
