"""Plays the whole loop over HTTP against the running site, and says each step in one line.

Bob looks, clicks and buys; the shops report; Ada reads what it earned her and why; time passes; Mila approves,
rejects and settles; Stripe (or its stand-in) collects and transfers; a late refund is carried. What cannot be
seen from outside is looked up in the database; nothing is written there but by the site itself.
"""

import json
import re
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone

from advocates.enums import MessageState, PublicationKind
from advocates.models import Advocate, Sale, Share, Shop, Touch, WebhookMessage
from advocates.webhook_endpoints import TYPES
from cms.demo.visitor import Page, Visitor
from cms.demo.world import address_of
from community.models import Board, User
from payouts.commissions import mature_commissions
from payouts.enums import CollectionState, CommissionState, PayoutState, RunState
from payouts.models import (
    Collection,
    Commission,
    CommissionReversal,
    LedgerEntry,
    Payout,
    SettlementRun,
    Statement,
)
from payouts.money import format_minor

_PATIENCE_SECONDS = 60
_LONGER_THAN_ANY_HOLD = timedelta(days=61)
_SEPA_DAYS = 8


class LoopFailed(Exception):
    """A step did not do what it should."""


@dataclass
class Loop:
    """The places that the loop goes to, and what it has seen so far."""

    site_url: str
    webshop_url: str
    stripe_url: str
    mail_folder: Path
    say: Callable[[str], None]
    logged_in: dict[str, Visitor] = field(default_factory=dict)

    def visitor(self, username: str = "") -> Visitor:
        """Somebody's browser: logged in once under this name, or a fresh one without."""
        if username in self.logged_in:
            return self.logged_in[username]
        visitor = Visitor(base_url=self.site_url, mail_folder=self.mail_folder)
        if username:
            visitor.log_in(address_of(username))
            self.logged_in[username] = visitor
        return visitor

    def check(self, is_so: object, what: str) -> None:
        """Raise LoopFailed unless it is so."""
        if not is_so:
            raise LoopFailed(what)

    def wait_for(self, is_so: Callable[[], bool], what: str) -> None:
        """Wait until something the site does in the background has happened."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while not is_so():
            if time.monotonic() > until:
                raise LoopFailed(f"waited {_PATIENCE_SECONDS} s in vain: {what}")
            time.sleep(0.2)

    def let_stripe_wait(self, days: int) -> None:
        """Move the clock of the stand-in for Stripe."""
        body = json.dumps({"advance_seconds": days * 86_400}).encode()
        request = urllib.request.Request(  # noqa: S310 -- the stand-in's own address
            f"{self.stripe_url}/_sandbox/clock", data=body, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60):  # noqa: S310 -- as above
            pass


# Before the loop: what each person does once -----------------------------------------------------------------


def open_accounts(loop: Loop, usernames: Sequence[str]) -> None:
    """Each advocate sets up payouts on Stripe's page."""
    for username in usernames:
        visitor = loop.visitor(username)
        visitor.get(reverse("payouts:payout_setup"))
        hosted = visitor.post(reverse("payouts:onboarding"), {})
        finish_at_stripe(visitor, hosted)
        advocate = Advocate.objects.select_related("payee__account").get(user__email=address_of(username))
        loop.check(advocate.payee.can_receive, f"{username} cannot receive payouts")
    loop.say(f"{len(usernames)} advocates set up payouts on Stripe's page")


def finish_at_stripe(visitor: Visitor, hosted: Page) -> Page:
    """Press the button on a page that Stripe hosts."""
    return visitor.post(hosted.url, {"action": "finish"})


def save_payment_method(loop: Loop, shop: Shop, owner: str) -> None:
    """The shop saves a SEPA mandate on Stripe's page."""
    visitor = loop.visitor(owner)
    page = visitor.get(reverse("advocates:desk_payments", args=[shop.slug]))
    hosted = visitor.post(page.action("/method/"), {})
    visitor.post(hosted.url, {"method": "sepa_debit", "action": "pay"})
    shop.payer.refresh_from_db()
    loop.check(shop.payer.stripe_payment_method_id, f"{shop} has no payment method")
    loop.say(f"{shop} saved how it pays: {shop.payer.payment_method_label}")


def make_key(loop: Loop, shop: Shop, owner: str) -> str:
    """The shop makes an API key; it is shown once."""
    visitor = loop.visitor(owner)
    visitor.get(reverse("advocates:desk_keys", args=[shop.slug]))
    page = visitor.post(reverse("advocates:desk_key_new", args=[shop.slug]), {"name": "Webshop"}, expect=201)
    key = page.text.partition("vpk_")[2]
    loop.check(key, f"{shop} got no key")
    loop.say(f"{shop} made an API key")
    return "vpk_" + "".join(sign for sign in key[:80].split("<")[0].split('"')[0])


def add_webhook(loop: Loop, shop: Shop, owner: str) -> str:
    """The shop has its own system told of commissions and payouts; the secret, shown when it is asked for."""
    visitor = loop.visitor(owner)
    address = reverse("advocates:desk_webhooks", args=[shop.slug])
    visitor.get(address)
    page = visitor.post(
        address, {"url": f"{loop.webshop_url}/{shop.slug}/webhooks", "event_types": list(TYPES)}
    )
    shown = visitor.post(page.action("/secret/"), {})
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", shown.text)
    if found is None:
        raise LoopFailed(f"{shop} was shown no secret")
    loop.say(f"{shop} added a webhook: its own system hears of each commission and payout")
    return found.group()


def hear_webhooks(loop: Loop, shop: Shop) -> None:
    """The shop's own system heard of a commission and of a payout; nothing that was sent there was refused."""
    wanted = {"commission.created", "commission.approved", "payout.sent"}
    address = f"{loop.webshop_url}/{shop.slug}/webhooks"
    keeper = loop.visitor()
    loop.wait_for(
        lambda: all(f"<b>{event}</b>" in keeper.get(address).text for event in wanted),
        f"{shop} did not hear of {', '.join(sorted(wanted))}",
    )
    delivered = WebhookMessage.objects.filter(endpoint__shop=shop, state=MessageState.DELIVERED).count()
    loop.say(f"{delivered} signed messages arrived at {shop}: commissions earned and approved, payouts sent")


def connect_shop(loop: Loop, shop: Shop, owner: str) -> str:
    """The shop connects its own account at Stripe; the account's id."""
    visitor = loop.visitor(owner)
    page = visitor.get(reverse("advocates:desk_selling", args=[shop.slug]))
    finish_at_stripe(visitor, visitor.post(page.action("connect"), {}))
    shop.payer.refresh_from_db()
    account = shop.payer.account
    if account is None or not account.can_receive:
        raise LoopFailed(f"{shop} is not connected to Stripe")
    loop.say(f"{shop} connected its account at Stripe: {account.stripe_account_id}")
    return account.stripe_account_id


# The loop ------------------------------------------------------------------------------------------------------


def buy(loop: Loop, *, shop: Shop, advocate: str) -> Sale:
    """Bob opens the home page, a board of this advocate, clicks a product of this shop, and buys it."""
    bob = loop.visitor()
    home = bob.get("/")
    loop.check("/@" in home.text, "the home page shows nobody's boards")
    board = _board_with(shop, advocate)
    page = bob.get(board.get_absolute_url())
    _check_disclosed(loop, page)
    link = _link_into(page, board, shop)
    gone = bob.get(link, follow=False, expect=302)
    click = parse_qs(urlsplit(gone.location).query)["vp_click"][0]
    touch = Touch.objects.get(pk=click)
    loop.check(touch.advocate and touch.advocate.user.email == address_of(advocate), "the click is nobody's")
    loop.say(f"Bob opened “{board}” without an account and clicked: touch {str(touch.pk)[:8]} is stored")
    product = bob.get(gone.location)
    known = set(Sale.objects.filter(shop=shop).values_list("pk", flat=True))
    thanks = bob.post(
        product.action("buy"), {"quantity": "2", "email": "bob@example.org", "code": ""}, follow=True
    )
    if urlsplit(thanks.url).netloc == urlsplit(loop.stripe_url).netloc:
        thanks = bob.post(thanks.url, {"method": "card", "action": "pay"})
        loop.say("Bob paid on the Checkout page of the shop's own Stripe account")
    loop.wait_for(
        lambda: Sale.objects.filter(shop=shop).exclude(pk__in=known).exists(),
        f"{shop} did not report the order",
    )
    sale: Sale = Sale.objects.filter(shop=shop).exclude(pk__in=known).get()
    loop.check(sale.click_id == touch.pk, "the order does not name the click")
    loop.say(f"{shop} reported order {sale.external_id} ({sale.get_source_display()}): {shares_of(sale)}")
    return sale


def refund_one_piece(loop: Loop, *, shop: Shop, sale: Sale) -> None:
    """The shop gives one of the two pieces back."""
    before = sale.refunds.count()
    keeper = loop.visitor()
    orders = keeper.get(f"{loop.webshop_url}/{shop.slug}/orders/")
    keeper.post(orders.action(f"{sale.external_id}.*refund"), {"line_id": "1", "quantity": "1"})
    loop.wait_for(lambda: sale.refunds.count() > before, f"no refund of {sale.external_id} arrived")
    reversed_minor = CommissionReversal.objects.filter(commission__share__attribution__sale=sale).aggregate(
        total=Sum("amount_minor")
    )["total"]
    loop.say(f"one piece of {sale.external_id} came back: {reversed_minor} cents of commission reversed")


def read_explanation(loop: Loop, *, sale: Sale, advocate: str) -> None:
    """The advocate reads and recomputes her share; Eve gets nothing, and who is not logged in the log-in."""
    share = Share.objects.get(attribution__sale=sale, advocate__user__email=address_of(advocate))
    page = loop.visitor(advocate).get(share.get_absolute_url())
    loop.check(sale.external_id in page.text, "the explanation does not name the order")
    loop.check(share.attribution.inputs_sha256 in page.text, "the explanation shows no hash")
    loop.visitor("eve").get(share.get_absolute_url(), expect=404)
    stranger = loop.visitor().get(share.get_absolute_url())
    loop.check("/account/login/" in stranger.url, "somebody without an account was not asked to log in")
    loop.say(f"{advocate.capitalize()} read why {sale.external_id} earned what it earned; Eve got a 404")


def let_holds_end(loop: Loop) -> None:
    """Two months pass: what was on hold is due."""
    count = mature_commissions(at=timezone.now() + _LONGER_THAN_ANY_HOLD)
    loop.say(f"the return periods passed: {count} commissions are due")


def review(loop: Loop, *, shop: Shop, owner: str) -> None:
    """The owner rejects one commission with a reason, and approves all others."""
    visitor = loop.visitor(owner)
    page = visitor.get(reverse("advocates:desk_review", args=[shop.slug]))
    reject = page.links(r"/reject/$") or [page.action(r"/reject/$")]
    visitor.get(reject[-1])
    visitor.post(
        reject[-1],
        {"reason": "unpaid", "note": "Deze bestelling is nooit betaald; zie onze mail van vorige week."},
    )
    ask = visitor.get(reverse("advocates:desk_approve_all", args=[shop.slug]))
    visitor.post(ask.url, {"until": ask.field("until")})
    waiting = Commission.objects.for_payer(shop.payer).to_review().count()
    loop.check(waiting == 0, f"{waiting} commissions of {shop} were not reviewed")
    rejected = Commission.objects.filter(payer=shop.payer, state=CommissionState.REJECTED).count()
    loop.say(f"{owner.capitalize()} reviewed {shop}: {rejected} rejected with a reason, all others approved")


def settle(loop: Loop, *, shop: Shop, owner: str) -> SettlementRun:
    """The owner settles: Stripe collects by SEPA, the money becomes available, each advocate gets a transfer."""
    visitor = loop.visitor(owner)
    page = visitor.get(reverse("advocates:desk_runs", args=[shop.slug]))
    visitor.post(page.action(r"settle"), {})
    run = SettlementRun.objects.filter(payer=shop.payer).latest("pk")
    asked = (CollectionState.PROCESSING, CollectionState.SUCCEEDED, CollectionState.AVAILABLE)
    loop.wait_for(
        lambda: Collection.objects.filter(run=run, state__in=asked).exists(), f"{shop} was not asked to pay"
    )
    loop.let_stripe_wait(_SEPA_DAYS)
    settled = (RunState.SETTLED, RunState.PARTIALLY_SETTLED)
    loop.wait_for(
        lambda: SettlementRun.objects.filter(pk=run.pk, state__in=settled).exists(),
        f"run {run} did not settle",
    )
    collection = Collection.objects.get(run=run)
    sent = run.payouts.filter(state=PayoutState.SENT)
    loop.check(
        sent.count() == run.payouts.count(), f"{run}: {sent.count()} of {run.payouts.count()} were sent"
    )
    loop.say(f"{shop} paid {collection.total_minor} cents; {sent.count()} transfers went out")
    page = visitor.get(reverse("advocates:desk_run", args=[shop.slug, run.pk]))
    loop.check(
        run.payouts.order_by("pk")[0].payee.name in page.text, "the shop's page does not say who was paid"
    )
    run.refresh_from_db()
    return run


def read_statement(loop: Loop, *, run: SettlementRun, advocate: str) -> Statement:
    """The advocate reads the statement of her payout; Eve does not."""
    statement = Statement.objects.get(payout__run=run, payout__payee__user__email=address_of(advocate))
    address = reverse("payouts:statement", args=[statement.pk])
    page = loop.visitor(advocate).get(address)
    loop.check(statement.number in page.text, "the statement does not show its number")
    loop.visitor("eve").get(address, expect=404)
    loop.say(f"{advocate.capitalize()} read statement {statement.number}: {statement.amount_minor} cents")
    return statement


def refund_after_payout(loop: Loop, *, shop: Shop, sale: Sale, advocate: str) -> None:
    """The second piece comes back after the commission was paid: carried as a negative line."""
    refund_one_piece(loop, shop=shop, sale=sale)
    carried = CommissionReversal.objects.to_settle().filter(
        commission__share__attribution__sale=sale, commission__payee__user__email=address_of(advocate)
    )
    loop.check(carried.exists(), "the refund after the payout is not carried")
    loop.say("it was paid already: the amount is carried to her next payout of this shop")


def _board_with(shop: Shop, advocate: str) -> Board:
    boards = Board.objects.filter(
        owner__email=address_of(advocate),
        publication__kind=PublicationKind.BOARD,
        pins__product__shop=shop,
        pins__product__offer__availability="in_stock",
    )
    board: Board | None = boards.distinct().order_by("pk").first()
    if board is None:
        raise LoopFailed(f"{advocate} has no board with {shop}")
    return board


def _check_disclosed(loop: Loop, page: Page) -> None:
    label, link = page.text.find('class="disclosure'), page.text.find('href="/go/')
    loop.check(0 <= label < link, "the disclosure does not stand before the first link")


def _link_into(page: Page, board: Board, shop: Shop) -> str:
    mentions = board.publication.mentions.filter(product__shop=shop, product__offer__availability="in_stock")
    code = mentions.select_related("link").order_by("position")[0].link.code
    return page.links(f"^/go/{code}$")[0]


def shares_of(sale: Sale) -> str:
    """Who earned what of a sale, in words."""
    shares = Share.objects.filter(attribution__sale=sale).select_related("advocate__user", "commission")
    told = [
        f"{share.advocate.user.name} {share.commission.amount_minor if share.commission else 0} cents"
        for share in shares.order_by("pk")
    ]
    return ", ".join(told) or str(sale.attribution.get_reason_display())


# The end -----------------------------------------------------------------------------------------------------------


def sums() -> dict[str, int]:
    """What the loop came to; money in cents, `ledger_imbalance_minor` over all currencies without sign."""
    imbalance = LedgerEntry.objects.values("currency").annotate(total=Sum("amount_minor"))
    collected = Collection.objects.filter(state=CollectionState.AVAILABLE)
    sent = Payout.objects.filter(state=PayoutState.SENT)
    fees = collected.aggregate(total=Sum("fee_minor"))["total"] or 0
    commissions = collected.aggregate(total=Sum("commissions_minor"))["total"] or 0
    return {
        "shops": Shop.objects.count(),
        "touches": Touch.objects.count(),
        "sales": Sale.objects.count(),
        "commissions": Commission.objects.count(),
        "collected_minor": commissions + fees,
        "transferred_minor": sent.aggregate(total=Sum("amount_minor"))["total"] or 0,
        "ledger_imbalance_minor": sum(abs(row["total"]) for row in imbalance),
    }


def table(problems: Sequence[str]) -> list[str]:
    """Money in, money out, what each advocate got, and whether the books balance."""
    total = sums()
    paid = (
        User.objects.filter(payee__payouts__state=PayoutState.SENT)
        .annotate(total=Sum("payee__payouts__amount_minor"))
        .order_by("-total")
    )
    lines = [
        f"{'money in, from shops':<40}{format_minor(total['collected_minor'], 'EUR'):>14}",
        f"{'money out, to advocates':<40}{format_minor(total['transferred_minor'], 'EUR'):>14}",
    ]
    lines += [f"  {user.name:<38}{format_minor(user.total, 'EUR'):>14}" for user in paid]
    lines.append(f"{'books':<40}{'balanced' if not problems else 'NOT BALANCED':>14}")
    return [*lines, *problems]
