"""The demo as a whole: its processes, its world, the loop that is played in it."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from advocates.enums import Availability, SaleSource
from advocates.models import Link, Product, Shop
from cms.demo import content, loop
from cms.demo.buying import buy_here, sell_here
from cms.demo.claims import write_claims
from cms.demo.connected import send_messages
from cms.demo.findings import find_something
from cms.demo.history import play_history
from cms.demo.pictures.colour import paint
from cms.demo.supervisor import Supervisor
from cms.demo.talk import let_people_talk, write_reviews
from cms.demo.visitor import Visitor, mailed_code
from cms.demo.world import address_of, build_world
from community.models import User

ADA, MILA = "ada", "mila"


@dataclass(frozen=True)
class Place:
    """Where the demo runs: its three addresses, the folder of its files, and the database's address."""

    site_url: str
    webshop_url: str
    stripe_url: str
    folder: Path
    database_url: str

    @property
    def environment(self) -> dict[str, str]:
        """What the demo's processes are told; the keys are those of the stand-in for Stripe."""
        return {
            "DJANGO_SETTINGS_MODULE": "cms.settings.demo",
            "STATIC_ROOT": str(self.folder / "static"),
            "DATABASE_URL": self.database_url,
            "SITE_URL": self.site_url,
            "MEDIA_ROOT": str(self.folder / "media"),
            "MAIL_FOLDER": str(self.mail_folder),
            "FETCH_PRIVATE_HOSTS": urlsplit(self.webshop_url).netloc,
            "STRIPE_SECRET_KEY": "sk_test_stand_in",
            "STRIPE_API_BASE": self.stripe_url,
            "STRIPE_WEBHOOK_SECRET_ACCOUNT": "whsec_demo_account",
            "STRIPE_WEBHOOK_SECRET_CONNECT": "whsec_demo_connect",
        }

    @property
    def mail_folder(self) -> Path:
        return self.folder / "mail"

    @property
    def webshop_config(self) -> Path:
        return self.folder / "webshop.json"


def build(place: Place, *, seed: int, say: Callable[[str], None]) -> None:
    """Build the world and its ninety days of history, without the help of any server."""
    address = urlsplit(place.site_url)
    now = timezone.now()
    world = build_world(
        seed=seed,
        now=now,
        webshop_url=place.webshop_url,
        hostname=address.hostname or "localhost",
        port=address.port or 80,
        say=say,
    )
    let_people_talk(world)
    tally = play_history(seed=seed, now=now)
    say(f"90 days of visitors: {tally.touches} touches, {tally.sales} sales, {tally.refunds} with a refund")
    say(f"{write_reviews(seed=seed, now=now)} reviews by people who bought")
    say(f"{write_claims(now=now)} claims of sales that nobody earned on")
    say(f"{find_something(now=now)} commissions that are held because something looked unusual")
    say(f"{send_messages(now=now)} messages of a shop that sells with WooCommerce")


def start_site(place: Place, supervisor: Supervisor) -> None:
    """Collect the static files; start the stand-in for Stripe, the site, its worker and its clock."""
    supervisor.run("static", ["manage.py", "collectstatic", "--noinput", "--verbosity", "0"])
    hooks = f"{place.site_url}/stripe"
    stripe = [
        *("-m", "payouts.sandbox"),
        *("--port", str(_port(place.stripe_url))),
        *("--public-url", place.stripe_url),
        *("--state", str(place.folder / "stripe.sqlite3")),
        *("--webhook-account", f"{hooks}/account"),
        *("--webhook-account-secret", place.environment["STRIPE_WEBHOOK_SECRET_ACCOUNT"]),
        *("--webhook-connect", f"{hooks}/connect"),
        *("--webhook-connect-secret", place.environment["STRIPE_WEBHOOK_SECRET_CONNECT"]),
        *("--webhook-thin", f"{hooks}/thin"),
        *("--webhook-thin-secret", place.environment["STRIPE_WEBHOOK_SECRET_CONNECT"]),
    ]
    supervisor.start("stripe", stripe)
    web = ["-m", "gunicorn", "cms.wsgi", "--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    supervisor.start("web", [*web, "--bind", f"127.0.0.1:{_port(place.site_url)}"])
    supervisor.start("worker", ["manage.py", "db_worker", "--queue-name", "*", "--no-reload"])
    supervisor.start("tick", ["manage.py", "tick", "--watch", "--pause", "1"])
    supervisor.wait_for("stripe", f"{place.stripe_url}/_sandbox/clock")
    supervisor.wait_for("web", f"{place.site_url}/healthz")


def start_webshop(place: Place, supervisor: Supervisor) -> None:
    """Start the stand-in webshop with the configuration that `play` wrote."""
    port = str(_port(place.webshop_url))
    config = str(place.webshop_config)
    supervisor.start("webshop", ["-m", "cms.demo.webshop", "--port", port, "--config", config])
    supervisor.wait_for("webshop", f"{place.webshop_url}/{content.SHOPS[0].slug}/")


def play(place: Place, supervisor: Supervisor, *, say: Callable[[str], None]) -> None:
    """Set the shops up and play the loop; raises LoopFailed or UnexpectedAnswer at the first step that fails."""
    stage = loop.Loop(
        site_url=place.site_url,
        webshop_url=place.webshop_url,
        stripe_url=place.stripe_url,
        mail_folder=place.mail_folder,
        say=say,
    )
    shops = {
        told.slug: Shop.objects.select_related("payer__account").get(slug=told.slug) for told in content.SHOPS
    }
    loop.open_accounts(stage, [person.username for person in content.PEOPLE if person.deals])
    reports = {}
    for told in content.SHOPS:
        loop.save_payment_method(stage, shops[told.slug], told.owner)
        reports[told.slug] = _reporting(stage, place, told.slug, shops[told.slug])
    by_api = next(told for told in content.SHOPS if told.owner == MILA)
    secrets = {by_api.slug: loop.add_webhook(stage, shops[by_api.slug], MILA)}
    place.webshop_config.write_text(json.dumps(_webshop(shops, reports, secrets), indent=1))
    start_webshop(place, supervisor)
    by_stripe = next(told for told in content.SHOPS if told.reports == SaleSource.STRIPE)
    mine = shops[by_api.slug]
    first = loop.buy(stage, shop=mine, advocate=ADA)
    other = _advocate_of(by_stripe.slug)
    second = loop.buy(stage, shop=shops[by_stripe.slug], advocate=other)
    _buy_on_the_site(stage, shops[by_stripe.slug], owner=by_stripe.owner, advocate=other)
    loop.refund_one_piece(stage, shop=mine, sale=first)
    loop.refund_one_piece(stage, shop=shops[by_stripe.slug], sale=second)
    loop.read_explanation(stage, sale=first, advocate=ADA)
    loop.let_holds_end(stage)
    for told in content.SHOPS:
        loop.review(stage, shop=shops[told.slug], owner=told.owner)
        run = loop.settle(stage, shop=shops[told.slug], owner=told.owner)
        if told.owner == MILA:
            loop.read_statement(stage, run=run, advocate=ADA)
    loop.refund_after_payout(stage, shop=mine, sale=first, advocate=ADA)
    loop.hear_webhooks(stage, mine)


def _buy_on_the_site(stage: loop.Loop, shop: Shop, *, owner: str, advocate: str) -> None:
    """Before Stripe's clock is moved: an order of the days to come is none."""
    sell_here(stage, shop=shop, owner=owner)
    linked = Link.objects.active().filter(
        shop=shop, publication__isnull=False, product__offer__availability=Availability.IN_STOCK
    )
    link = linked.filter(advocate__user__email=address_of(advocate)).order_by("pk")[0]
    buy_here(stage, shop=shop, advocate_link=link)


def warm(place: Place) -> None:
    """Open the pages that a newcomer opens first, so that their pictures are there."""
    visitor = Visitor(base_url=place.site_url, mail_folder=place.mail_folder)
    home = visitor.get("/")
    for path in ["/boards/", "/stories/", "/people/", "/shops/", *home.links(r"^/@[^/]+/[^/]+/$")[:8]]:
        visitor.get(path)


def new_codes(place: Place, *, since: float) -> list[str]:
    """Log-in codes that were mailed after this moment, as lines to print."""
    mails = (path for path in sorted(place.mail_folder.glob("*.log")) if path.stat().st_mtime > since)
    return [told for path in mails if (told := mailed_code(path))]


def is_built() -> bool:
    """Whether the demo world, or its beginning, stands in the database: its first person is made first."""
    return User.objects.filter(email=address_of(content.PEOPLE[0].username)).exists()


def pause(supervisor: Supervisor) -> str | None:
    """Wait a second; the name of a process that ended, if one did."""
    time.sleep(1)
    return supervisor.ended()


def _reporting(stage: loop.Loop, place: Place, slug: str, shop: Shop) -> dict[str, str]:
    told = next(one for one in content.SHOPS if one.slug == slug)
    if told.reports == SaleSource.STRIPE:
        account = loop.connect_shop(stage, shop, told.owner)
        return {
            "kind": "stripe",
            "stripe_url": place.stripe_url,
            "stripe_key": place.environment["STRIPE_SECRET_KEY"],
            "stripe_account": account,
        }
    key = loop.make_key(stage, shop, told.owner)
    return {"kind": "api", "api_url": place.site_url, "api_key": key}


def _webshop(
    shops: dict[str, Shop], reports: dict[str, dict[str, str]], secrets: dict[str, str]
) -> dict[str, object]:
    vat = {product.id: product.vat_bps for product in content.PRODUCTS}
    return {
        "pictures": str(settings.MEDIA_ROOT),
        "shops": [
            {
                "slug": told.slug,
                "name": told.name,
                "tagline": told.tagline,
                "currency": told.currency,
                "colours": [_hex(paint(name)) for name in told.colours],
                "shipping_minor": told.shipping_minor,
                "next_order": 5001,
                "codes": list(shops[told.slug].programmes.values_list("codes__code", flat=True)),
                "products": [
                    {
                        "id": product.external_id,
                        "title": product.title,
                        "price_minor": product.offer.current_minor(at=timezone.now()),
                        "vat_bps": vat[product.external_id],
                        "picture": product.picture.file.name if product.picture else "",
                        "in_stock": product.offer.can_be_bought,
                    }
                    for product in Product.objects.filter(shop=shops[told.slug])
                    .select_related("offer", "picture")
                    .order_by("pk")
                ],
                "report": reports[told.slug],
                "webhook_secret": secrets.get(told.slug, ""),
            }
            for told in content.SHOPS
        ],
    }


def _advocate_of(slug: str) -> str:
    """An advocate, no employee, who has a deal with this shop and a board with its products."""
    shops = {product.id: product.shop for product in content.PRODUCTS}
    employees = {person.username for person in content.PEOPLE if person.role == "employee"}
    for person in content.PEOPLE:
        boards = [board for board in content.BOARDS if board.author == person.username]
        shown = {shops[pin.product] for board in boards for pin in board.pins if pin.product}
        if slug in person.deals and slug in shown and person.username not in employees:
            return person.username
    raise loop.LoopFailed(f"nobody has a board with {slug}")


def _hex(colour: tuple[int, ...]) -> str:
    return "#" + "".join(f"{int(part):02x}" for part in colour[:3])


def _port(url: str) -> int:
    return urlsplit(url).port or 80
