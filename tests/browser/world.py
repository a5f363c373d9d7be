"""The small world that people walk through in the browser tests, made through the verbs.

Mila's shop with her feed and her programme; Ada, who joined it, with a board, an approved story, a sale that came
through her link and a commission that is due; Noor, who has a board and no deal with anybody.
"""

import io
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from PIL import Image, ImageDraw

from advocates.clicks import click_on, lead_of, store_click
from advocates.deals import Terms, publish_deal
from advocates.enrolments import approve_enrolment, request_to_join
from advocates.enums import AttributionModel, PublicationState, SaleSource
from advocates.links import link_for
from advocates.models import Product, Programme, Sale, Share, Shop
from advocates.product_import import import_products
from advocates.programmes import create_programme, open_programme
from advocates.sales import SaleLineReport, SaleReport, record_sale
from advocates.shops import create_shop
from advocates.touches import new_visitor_key
from cms.models import PostPage
from cms.posts import Draft, save_draft, start_post, submit_post
from cms.site_tree import MODERATORS, plant_site, plant_theme_pages
from community.boards import add_picture, add_product, create_board, publish_board
from community.models import Board, Picture, Theme, User
from community.pictures import store_picture
from community.search_words import refresh_search_words
from payouts.commissions import mature_commissions
from tests.factories import make_user

#: Title and price of each product in the feed.
FEED = (
    ("Theekop, grijs glazuur", "24.00"),
    ("Kom met vingerafdruk", "31.50"),
    ("Vaas op een voet", "68.00"),
    ("Ontbijtbord, zandkleur", "27.95"),
    ("Kruik voor een halve liter, met een tuit die niet drupt en een oor voor vier vingers", "54.00"),
    ("Espressokop", "19.50"),
)
_COLOURS = ((176, 125, 98), (121, 134, 110), (86, 98, 112), (196, 168, 120), (146, 96, 92), (110, 120, 140))


@dataclass(frozen=True)
class World:
    """Who and what there is, by the names that tests use."""

    ada: User
    noor: User
    mila: User
    shop: Shop
    programme: Programme
    products: list[Product]
    board: Board
    other_board: Board
    post: PostPage
    sale: Sale
    share: Share


def picture_file(number: int = 0, size: tuple[int, int] = (900, 1100)) -> io.BytesIO:
    """A pot on a table, as a JPEG file; `number` chooses its colours."""
    wall, pot = _COLOURS[number % len(_COLOURS)], _COLOURS[(number + 2) % len(_COLOURS)]
    image = Image.new("RGB", size, tuple(230 - (255 - part) // 6 for part in wall))
    draw = ImageDraw.Draw(image)
    width, height = size
    draw.rectangle((0, height * 0.7, width, height), fill=wall)
    draw.ellipse((width * 0.28, height * 0.35, width * 0.72, height * 0.8), fill=pot)
    draw.rectangle((width * 0.4, height * 0.22, width * 0.6, height * 0.5), fill=pot)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80)
    file.seek(0)
    return file


def build_world(*, hostname: str, port: int, shop_url: str, now: datetime) -> World:
    """Build it into an empty, migrated database. `shop_url` is the home page of Mila's shop."""
    plant_site(hostname=hostname, port=port)
    began_at = now - timedelta(days=90)
    Theme.objects.create(slug="tafel", name_nl="Aan tafel", name_en="At the table", line_nl="Wat erop staat.")
    plant_theme_pages()
    ada, noor, mila, moderator = _people()
    shop, products = _shop_with_products(mila, shop_url, at=began_at, checked_at=now)
    programme = _programme_with_ada(shop, mila, ada, at=began_at)
    board = _board(ada, "Een tafel voor acht", products[:4], at=began_at + timedelta(days=3))
    other_board = _board(noor, "Klein en van steengoed", products[3:], at=began_at + timedelta(days=4))
    post = _approved_post(ada, moderator, products[:2])
    sale = _sale(shop, board, products[0], number=1001, at=now - timedelta(days=50))
    _sale(shop, board, products[1], number=1002, at=now - timedelta(days=2))
    mature_commissions(at=now)
    refresh_search_words()
    share = Share.objects.get(attribution__sale=sale)
    return World(ada, noor, mila, shop, programme, products, board, other_board, post, sale, share)


def _people() -> tuple[User, User, User, User]:
    ada = make_user("Ada Vermeer", handle="ada", role="expert", email="ada@example.com", language="en")
    noor = make_user("Noor Bakker", handle="noor", email="noor@example.com", language="en")
    mila = make_user("Mila de Boer", handle="mila", email="mila@example.com", language="en")
    moderator = make_user("Mo Jansen", handle="mo", email="mo@example.com")
    moderator.groups.add(Group.objects.get(name=MODERATORS))
    for user in (ada, noor, mila, moderator):
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    ada.profile.bio = "Keramist in Gent. Schrijft over wat zij zelf op tafel zet."
    ada.profile.portrait = _stored("Ada Vermeer", 3, ada, alt_text="Portret van Ada")
    ada.profile.save()
    return ada, noor, mila, moderator


def _shop_with_products(
    mila: User, shop_url: str, *, at: datetime, checked_at: datetime
) -> tuple[Shop, list[Product]]:
    shop = create_shop(
        owner=mila, name="Klei & Co", homepage_url=shop_url, tagline="Steengoed uit Gent", at=at
    )
    rows = ["id,title,description,link,image_link,price,availability"]
    rows += [
        f'P{number},"{title}",Met de hand gedraaid.,{shop_url}products/{number}?colour=grey,'
        f"{shop_url}{number}.jpg,{price} EUR,in_stock"
        for number, (title, price) in enumerate(FEED, start=1)
    ]
    feed = io.BytesIO("\n".join(rows).encode())
    import_products(shop=shop, file=feed, file_name="products.csv", at=checked_at, started_by=mila)
    products = list(Product.objects.filter(shop=shop).order_by("external_id"))
    for number, product in enumerate(products):
        product.picture = _stored(product.title, number, None, alt_text=product.title)
        product.save(update_fields=["picture"])
    return shop, products


def _programme_with_ada(shop: Shop, mila: User, ada: User, *, at: datetime) -> Programme:
    programme = create_programme(shop=shop, name="Vrienden van Klei & Co", at=at)
    terms = Terms(rate_bps=1000, model=AttributionModel.POSITION, hold_days=30)
    publish_deal(programme=programme, terms=terms, by=mila, at=at)
    programme = open_programme(programme=programme, at=at)
    enrolment = request_to_join(user=ada, programme=programme, at=at + timedelta(days=1))
    approve_enrolment(enrolment=enrolment, by=mila, at=at + timedelta(days=2))
    return programme


def _board(owner: User, title: str, products: list[Product], *, at: datetime) -> Board:
    board = create_board(
        owner=owner,
        title=title,
        description="Wat hier bij elkaar staat, staat bij mij ook bij elkaar.",
        themes=list(Theme.objects.all()),
        at=at,
    )
    add_picture(
        by=board.owner,
        board=board,
        picture=_stored(title, 1, owner, alt_text="Een gedekte tafel bij het raam"),
        note="Zo staat het bij mij.",
        at=at,
    )
    for product in products:
        add_product(board=board, by=board.owner, product=product, note="Ligt goed in de hand.", at=at)
    return publish_board(board=board, state=PublicationState.PUBLIC, at=at)


def _approved_post(ada: User, moderator: User, products: list[Product]) -> PostPage:
    post = start_post(author=ada, title="Waarom een kop geen oor nodig heeft", language="nl")
    draft = Draft(
        title=post.title,
        intro="Een kop zonder oor verbrandt je vingers niet, als hij dik genoeg is.",
        language="nl",
        relation="none",
        themes=list(Theme.objects.all()),
        cover=_stored("Koppen", 4, ada, alt_text="Twee koppen op een plank"),
        blocks=[
            {"type": "heading", "text": "Dik genoeg"},
            {"type": "text", "html": "<p>Vier millimeter, gemeten onder de rand.</p>"},
            {"type": "products", "products": [product.pk for product in products], "note": "De twee."},
            {"type": "less_good", "text": "Ze passen niet in elkaar."},
        ],
    )
    save_draft(post=post, draft=draft, by=ada)
    post.refresh_from_db()
    submit_post(post=post, by=ada)
    task_state = post.current_workflow_state.current_task_state
    task_state.task.specific.on_action(task_state, moderator, "approve")
    post.refresh_from_db()
    return post


def _sale(shop: Shop, board: Board, product: Product, *, number: int, at: datetime) -> Sale:
    """An order for one thing, an hour after a click on the board."""
    link = link_for(publication=board.publication, product=product, at=at)
    click = click_on(lead_of(link), visitor_key=new_visitor_key(), at=at - timedelta(hours=1))
    touch = store_click(click)
    line = SaleLineReport(
        line_id="1",
        product_id=product.external_id,
        title=product.title,
        quantity=1,
        gross_minor=12100,
        vat_minor=2100,
    )
    report = SaleReport(
        external_id=str(number), placed_at=at, currency="EUR", lines=(line,), click_id=str(touch.pk)
    )
    sale, _is_new = record_sale(shop=shop, source=SaleSource.API, report=report, at=at)
    return sale


def _stored(title: str, number: int, owner: User | None, *, alt_text: str) -> Picture:
    return store_picture(file=picture_file(number), title=title, uploaded_by=owner, alt_text=alt_text)
