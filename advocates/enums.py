"""The words of the deals floor: states, kinds and reasons, each with the label that people read."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Availability(models.TextChoices):
    IN_STOCK = "in_stock", _("In stock")
    OUT_OF_STOCK = "out_of_stock", _("Sold out")
    PREORDER = "preorder", _("Pre-order")
    BACKORDER = "backorder", _("Back-order")
    UNAVAILABLE = "unavailable", _("No longer available")


class FeedFormat(models.TextChoices):
    RSS = "rss", _("RSS 2.0")
    ATOM = "atom", _("Atom")
    CSV = "csv", _("CSV")
    TSV = "tsv", _("TSV")


class Severity(models.TextChoices):
    ERROR = "error", _("Row refused")
    WARNING = "warning", _("Field left out")


class ImportState(models.TextChoices):
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class ShopRole(models.TextChoices):
    OWNER = "owner", _("Owner")
    STAFF = "staff", _("Staff")


class ProgrammeState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class AttributionModel(models.TextChoices):
    """How a commission is split over the touches before a sale; docs/commissions.md has the worked tables."""

    LAST = "last", _("Last touch: all to the last one")
    FIRST = "first", _("First touch: all to the first one")
    LINEAR = "linear", _("Linear: everybody the same")
    POSITION = "position", _("Position: the first and the last get fixed parts, those between the rest")
    DECAY = "decay", _("Time decay: the nearer to the sale, the more")
    CODE = "code", _("Code: all to the owner of the code that was used")


class CommissionBase(models.TextChoices):
    """What the rate is taken of, per order line."""

    NET = "net", _("Net: without VAT, shipping and discount")


class CodePrecedence(models.TextChoices):
    """What a discount code does when links were clicked too."""

    CODE_WINS = "code_wins", _("The code decides: all to its owner")
    LINK_WINS = "link_wins", _("Links decide; a code counts only where no link was clicked")
    SHARED = "shared", _("The code counts as the last touch")


class AdvocateState(models.TextChoices):
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")


class EnrolmentState(models.TextChoices):
    REQUESTED = "requested", _("Asked to join")
    ACTIVE = "active", _("Joined")
    DECLINED = "declined", _("Declined")
    ENDED = "ended", _("Ended")


class PublicationKind(models.TextChoices):
    POST = "post", _("Story")
    GUIDE = "guide", _("Buying guide")
    BOARD = "board", _("Board")
    ANSWER = "answer", _("Answer")


class PublicationState(models.TextChoices):
    """Who may find a publication. One rule, used by page, search, feed, sitemap, RSS, API and counts."""

    PUBLIC = "public", _("Public")
    UNLISTED = "unlisted", _("Unlisted: only with the link")
    HIDDEN = "hidden", _("Hidden")


class ContributorRole(models.TextChoices):
    """What somebody besides the author may do to a publication."""

    ADD = "add", _("May add")
    EDIT = "edit", _("May add and change")


class Relation(models.TextChoices):
    """What the author chose to say where no deal speaks for itself."""

    NONE = "none", _("No connection with the shop")
    BOUGHT = "bought", _("Bought it myself")
    RECEIVED = "received", _("Received it from the shop")
    PAID = "paid", _("Paid for by the shop")


class LinkState(models.TextChoices):
    ACTIVE = "active", _("Active")
    RETIRED = "retired", _("Retired")
    SUSPENDED = "suspended", _("Suspended")


class TouchKind(models.TextChoices):
    CLICK = "click", _("Clicked a link")
    CODE = "code", _("Used a code")
    VIEW = "view", _("Looked at a publication")
    SAVE = "save", _("Saved a product")
    ANSWER = "answer", _("Read an answer")
    CLAIM = "claim", _("Claimed, and granted by the shop")


class SaleSource(models.TextChoices):
    """Who told of an order."""

    API = "api", _("Shop API")
    STRIPE = "stripe", _("Stripe")
    WOOCOMMERCE = "woocommerce", _("WooCommerce")
    SHOPIFY = "shopify", _("Shopify")
    CSV = "csv", _("CSV file")
    HERE = "here", _("Bought here")


class PurchaseState(models.TextChoices):
    """How far somebody is who set out to buy here."""

    OPEN = "open", _("Not paid yet")
    PROCESSING = "processing", _("Payment under way")
    PAID = "paid", _("Paid")
    LAPSED = "lapsed", _("Not paid")


class ReportProblem(models.TextChoices):
    """Why a report of an order or refund was not taken in."""

    DUPLICATE = "duplicate", _("The order is known from another source")
    CHANGED = "changed", _("It was reported before with other contents")
    NO_SALE = "no_sale", _("The order it belongs to is not known")
    INVALID = "invalid", _("It cannot be right")


class EventState(models.TextChoices):
    """What became of something that a shop's system sent."""

    RECEIVED = "received", _("Received")
    PROCESSED = "processed", _("Taken in")
    IGNORED = "ignored", _("Nothing to do")
    WAITING = "waiting", _("Waiting for its order")
    REFUSED = "refused", _("Not taken in")
    FAILED = "failed", _("Failed")


class WebhookEvent(models.TextChoices):
    """What shops and advocates can be told by their own webhook; the values are the types on the wire."""

    COMMISSION_CREATED = "commission.created", _("Commission earned")
    COMMISSION_APPROVED = "commission.approved", _("Commission approved")
    COMMISSION_REJECTED = "commission.rejected", _("Commission rejected")
    COMMISSION_REVERSED = "commission.reversed", _("Commission taken back, whole or in part")
    PAYOUT_SENT = "payout.sent", _("Payout sent")
    PAYOUT_FAILED = "payout.failed", _("Payout failed")
    ENDPOINT_TEST = "endpoint.test", _("Test message")


class EndpointProblem(models.TextChoices):
    """Why nothing is sent to a webhook endpoint."""

    BY_HAND = "by_hand", _("Switched off by its owner")
    GONE = "gone", _("Its server answered that it is gone (410)")
    FAILING = "failing", _("It failed for days")


class SendProblem(models.TextChoices):
    """Why a message got no answer."""

    ADDRESS = "address", _("The address cannot be used: it must begin with https")
    NO_HOST = "no_host", _("There is no such host")
    NOT_PUBLIC = "not_public", _("The host is not on the public internet")
    CERTIFICATE = "certificate", _("The host has no valid certificate for its name")
    TIMEOUT = "timeout", _("No answer within ten seconds")
    UNREACHABLE = "unreachable", _("The host could not be reached, or broke off")


class MessageState(models.TextChoices):
    """How far a webhook message is."""

    WAITING = "waiting", _("To be sent")
    DELIVERED = "delivered", _("Delivered")
    GIVEN_UP = "given_up", _("Given up")


class ClaimState(models.TextChoices):
    """How far an advocate's claim of a sale is."""

    OPEN = "open", _("With the shop")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")
    APPEALED = "appealed", _("With the editors")
    UPHELD = "upheld", _("Refusal upheld")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ClaimRefusal(models.TextChoices):
    """Why a claim is refused."""

    NOT_SENT = "not_sent", _("The customer came another way")
    NO_ORDER = "no_order", _("There is no such order")
    RETURNED = "returned", _("The order was returned")
    OWN_PURCHASE = "own_purchase", _("It was the advocate's own purchase")
    ATTRIBUTED = "attributed", _("Somebody else earned on it")
    OTHER = "other", _("Something else (see the note)")


class FraudRule(models.TextChoices):
    """What is looked for in a sale before its commission is paid; docs/fraud.md has the thresholds."""

    CLICKS_PER_LINK = "clicks_per_link", _("Many clicks on one link at once")
    CLICKS_PER_NETWORK = "clicks_per_network", _("Many clicks from one network")
    SAME_BUYER = "same_buyer", _("The same buyer again and again")
    DISPOSABLE_MAIL = "disposable_mail", _("A disposable mail address")
    REFUND_RATE = "refund_rate", _("Much of it is returned")
    PAID_SEARCH = "paid_search", _("An advertisement in a search engine")
    SHARED_PAYOUT = "shared_payout", _("Paid to the same account as somebody else")


class FraudHold(models.TextChoices):
    """What became of the commission when something was found."""

    TO_HOLD = "to_hold", _("To be held back")
    HELD = "held", _("Held back")
    TOO_LATE = "late", _("Not held back: paid, being paid out, or taken back before")


class FraudDecision(models.TextChoices):
    """What the shop decided on a finding."""

    CLEARED = "cleared", _("Nothing wrong")
    UPHELD = "upheld", _("Upheld: the commission is not paid")


class Outcome(models.TextChoices):
    ATTRIBUTED = "attributed", _("Commission earned")
    NOT_ELIGIBLE = "not_eligible", _("No commission")


class RateSource(models.TextChoices):
    """Which rule of a deal gave an order line its rate, the nearest first."""

    PRODUCT = "product", _("the rate of this product")
    CATEGORY = "category", _("the rate of its category")
    NEW_CUSTOMER = "new_customer", _("the rate for a customer's first order")
    STANDARD = "standard", _("the standard rate")


class Reason(models.TextChoices):
    """Why a sale, or one advocate's part in it, earns nothing."""

    NO_TOUCH = "no_touch", _("No click and no code led to this sale")
    UNKNOWN_CLICK = "unknown_click", _("The click id is not one of ours")
    OUTSIDE_WINDOW = "outside_window", _("Longer ago than the deal's window")
    AFTER_SALE = "after_sale", _("It came after the sale")
    OTHER_SHOP = "other_shop", _("It led to another shop")
    OWN_PURCHASE = "own_purchase", _("An advocate earns nothing on an own purchase")
    SUSPENDED = "suspended", _("The advocate was suspended")
    NOT_ENROLLED = "not_enrolled", _("No deal with this shop at the time of the sale")
    NO_DEAL = "no_deal", _("The shop had no open programme")
    CODE_WINS = "code_wins", _("Under this deal the code decides")
    LINK_WINS = "link_wins", _("Under this deal a clicked link goes before a code")
    MODEL_GIVES_OTHERS = "model_gives_others", _("Under this deal's model the credit goes to another touch")
    VIEW_ONLY = "view_only", _("Looking earns nothing under this deal; clicking or a code does")
    SAVE_ONLY = "save_only", _("Saving earns nothing under this deal; clicking or a code does")
    ANSWER_ONLY = "answer_only", _("Reading an answer earns nothing under this deal; clicking or a code does")
    ASSIST_ALONE = "assist_alone", _("It counts only beside a click or a code that counts")
    CODE_ONLY = "code_only", _("Under this deal only a code earns")
    RETURNING_CUSTOMER = "returning_customer", _("This deal is for a customer's first order only")
    ADVOCATE_CAP = "advocate_cap", _("The most that one advocate earns in a month was reached")
    CAP_REACHED = "cap_reached", _("The deal's highest commission for one sale was reached")
    BUDGET_EMPTY = "budget_empty", _("The programme's budget was used up")
    NOTHING_TO_SHARE = "nothing_to_share", _("Nothing is left after VAT, discount and shipping")
    EMPLOYEE = "employee", _("Employees are not paid through Stripe")
    UNKNOWN_CODE = "unknown_code", _("The code belongs to nobody")
    ROUNDS_TO_NOTHING = "rounds_to_nothing", _("The share is less than one cent")
