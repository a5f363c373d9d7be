"""The people and things that tests speak of, made through the project's own verbs where these exist."""

from datetime import UTC, datetime, timedelta
from itertools import count

from advocates.deals import Terms, publish_deal
from advocates.enrolments import approve_enrolment, request_to_join
from advocates.enums import Availability, PublicationKind, PublicationState
from advocates.models import Deal, Enrolment, Offer, Product, Publication, Shop, ShopMember
from advocates.programmes import create_programme, open_programme
from community.models import User
from community.profiles import create_profile
from payouts.commissions import accrue_commission
from payouts.enums import RunState
from payouts.models import Commission, Payee, Payer, Payout, SettlementRun

#: The moment at which most tests play.
NOW = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)

_numbers = count(1)


def make_user(name: str = "Ada Vermeer", **fields: object) -> User:
    """A user with a profile; the address is made from the name."""
    handle = fields.pop("handle", None)
    role = fields.pop("role", "customer")
    email = fields.pop("email", f"{name.split(maxsplit=1)[0].lower()}{next(_numbers)}@example.com")
    user = User.objects.create_user(email=email, name=name, **fields)
    create_profile(user=user, at=NOW, handle=handle, role=role)
    return user


def make_shop(name: str = "Klei & Co", owner: User | None = None, **fields: object) -> Shop:
    """A shop with its payer, run by `owner` (a new Mila when nobody is named)."""
    slug = fields.pop("slug", f"shop-{next(_numbers)}")
    host = f"{slug}.example"
    payer = Payer.objects.create(name=name, email=f"{slug}@example.com", created_at=NOW)
    shop = Shop.objects.create(
        slug=slug,
        name=name,
        homepage_url=f"https://{host}/",
        allowed_hosts=[host, f"www.{host}"],
        payer=payer,
        created_at=NOW,
        **fields,
    )
    ShopMember.objects.create(shop=shop, user=owner or make_user("Mila de Boer"), role="owner")
    return shop


def make_product(shop: Shop, title: str = "Theekop, grijs glazuur", **fields: object) -> Product:
    """A product with an offer of € 24.00."""
    external_id = fields.pop("external_id", f"P{next(_numbers)}")
    price_minor = fields.pop("price_minor", 2400)
    product = Product.objects.create(
        shop=shop,
        external_id=external_id,
        title=title,
        url=f"{shop.homepage_url}products/{external_id}",
        created_at=NOW,
        updated_at=NOW,
        **fields,
    )
    Offer.objects.create(
        product=product,
        price_minor=price_minor,
        currency=shop.currency,
        availability=Availability.IN_STOCK,
        checked_at=NOW,
    )
    return product


def make_publication(author: User, title: str = "Een tafel voor acht", **fields: object) -> Publication:
    """A public board's publication row without mentions (those come through `publications.publish`)."""
    values: dict[str, object] = {
        "kind": PublicationKind.BOARD,
        "path": f"/@{author.profile.handle}/board-{next(_numbers)}/",
        "language": "nl",
        "state": PublicationState.PUBLIC,
        "published_at": NOW - timedelta(days=1),
        "changed_at": NOW,
    }
    return Publication.objects.create(author=author, title=title, **{**values, **fields})


def make_payer(name: str = "Klei & Co", **fields: object) -> Payer:
    """A shop as payer, without the shop."""
    email = fields.pop("email", f"payer-{next(_numbers)}@example.com")
    return Payer.objects.create(name=name, email=email, created_at=NOW, **fields)


def make_payee(name: str = "Ada Vermeer", **fields: object) -> Payee:
    """A payee with a user of her own."""
    user = fields.pop("user", None) or make_user(name)
    return Payee.objects.create(user=user, name=name, created_at=NOW, **fields)


def make_commission(payer: Payer, payee: Payee, amount_minor: int = 1000, **fields: object) -> Commission:
    """A commission on hold until thirty days after NOW, through the verb that books it."""
    terms: dict[str, object] = {
        "key": f"test:{next(_numbers)}",
        "currency": "EUR",
        "description": "Order 1001, theekop",
        "earned_at": NOW,
        "due_at": NOW + timedelta(days=30),
        "at": NOW,
    }
    return accrue_commission(payer=payer, payee=payee, amount_minor=amount_minor, **{**terms, **fields})


def make_payout(payer: Payer, payee: Payee, amount_minor: int = 1000, **fields: object) -> Payout:
    """A bare payout row in a run of its own; nothing is reserved or posted."""
    number = next(_numbers)
    run = SettlementRun.objects.create(
        payer=payer,
        currency="EUR",
        state=RunState.FUNDED,
        transfer_group=f"test_run_{number}",
        created_at=NOW,
    )
    return Payout.objects.create(
        run=run, payee=payee, currency="EUR", amount_minor=amount_minor, created_at=NOW, **fields
    )


def make_deal(shop: Shop, *, at: datetime = NOW - timedelta(days=60), **terms: object) -> Deal:
    """The terms of a new programme of the shop, open since `at`: 10 % unless `terms` says otherwise."""
    owner = shop.memberships.get(role="owner").user
    programme = create_programme(shop=shop, name=f"Vrienden van {shop.name}", at=at)
    deal = publish_deal(programme=programme, terms=Terms(**{"rate_bps": 1000, **terms}), by=owner, at=at)
    open_programme(programme=programme, at=at)
    deal.programme.refresh_from_db()
    return deal


def make_enrolment(user: User, deal: Deal, *, at: datetime = NOW - timedelta(days=50)) -> Enrolment:
    """That this person joined the deal's programme at `at`, approved by the shop's owner."""
    shop = deal.programme.shop
    enrolment = request_to_join(user=user, programme=deal.programme, motivation="", at=at)
    owner = shop.memberships.filter(role="owner").exclude(user=user).get().user
    return approve_enrolment(enrolment=enrolment, by=owner, at=at)
