"""Buying on the site, played over HTTP: a shop switches it on, and Bob buys through an advocate's link."""

from django.urls import reverse

from advocates.models import Link, Purchase, Sale, Shop
from cms.demo.loop import Loop, LoopFailed, shares_of
from payouts.enums import CommissionState
from payouts.models import Commission


def sell_here(loop: Loop, *, shop: Shop, owner: str) -> None:
    """The owner says how the shop sells on the site, and switches it on."""
    visitor = loop.visitor(owner)
    page = visitor.get(reverse("advocates:desk_selling", args=[shop.slug]))
    told: dict[str, str | list[str]] = {
        "is_on": "on",
        "vat_bps": "21",
        "shipping_minor": "4,95",
        "free_from_minor": "50",
        "countries": ["NL", "BE"],
        "delivery": "Voor 16.00 uur besteld, binnen twee werkdagen in huis",
        "terms_url": f"{shop.homepage_url}voorwaarden/",
        "returns_url": f"{shop.homepage_url}retour/",
    }
    visitor.post(page.action("selling/terms"), told)
    shop.refresh_from_db()
    loop.check(shop.selling_terms.is_on, f"{shop} does not sell on the site")
    loop.say(f"{shop} sells on the site, by its own account at Stripe")


def buy_here(loop: Loop, *, shop: Shop, advocate_link: Link) -> Sale:
    """Bob buys without an account, through the link of a publication; what it earned is in hand at once."""
    bob = loop.visitor()
    address = reverse("advocates:buy", args=[advocate_link.product_id])
    order = bob.get(f"{address}?via={advocate_link.code}")
    names = ("quantity", "seen_minor", "attempt", "click")
    hosted = bob.post(order.action(address), {name: order.field(name) for name in names})
    thanks = bob.post(hosted.url, {"method": "card", "action": "pay"})
    loop.check("/bought/" in thanks.url, "paying did not lead back to what was bought")
    loop.wait_for(
        lambda: Purchase.objects.filter(shop=shop, fee__isnull=False).exists(),
        f"{shop} has no fee in hand for what was bought on the site",
    )
    purchase: Purchase = Purchase.objects.select_related("sale", "fee").get(shop=shop, fee__isnull=False)
    sale, fee = purchase.sale, purchase.fee
    if sale is None or fee is None:
        raise LoopFailed("what was bought is no order")
    owed = Commission.objects.filter(share__attribution__sale=sale).exclude(state=CommissionState.REVERSED)
    loop.check(
        sum(one.open_minor for one in owed) == fee.commissions_minor,
        "what is in hand is not what the order earned",
    )
    loop.say(
        f"Bob bought {purchase.number} on the site: {shares_of(sale)}, {fee.in_hand_minor} cents in hand"
    )
    return sale
