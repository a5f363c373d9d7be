"""The people and things that tests speak of, made through the project's own verbs where these exist."""

from datetime import UTC, datetime, timedelta
from itertools import count

from advocates.enums import Availability, PublicationKind, PublicationState
from advocates.models import Offer, Product, Publication, Shop, ShopMember
from community.models import User
from community.profiles import create_profile
from payouts.models import Payer

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
