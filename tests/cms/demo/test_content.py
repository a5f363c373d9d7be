"""The demo's words hold together: everything that is named exists, and reads as it should."""

import io
import random
from collections import Counter

import pytest
from defusedxml import ElementTree

from cms.demo.content import (
    BOARDS,
    PEOPLE,
    PERSON_BY_USERNAME,
    POSTS,
    PRODUCT_BY_ID,
    PRODUCTS,
    SHOP_BY_SLUG,
    SHOPS,
    THEMES,
    VOICES,
    products_of,
    write_feed,
)
from cms.demo.content.feed import money
from cms.demo.content.reading import gtin_check_digit, read_body
from cms.demo.pictures import RATIOS
from cms.demo.pictures.catalogue import FROM_ABOVE, KINDS
from cms.demo.pictures.colour import PAINTS, SCHEMES
from cms.demo.pictures.hair import FRONTS
from cms.demo.pictures.sitter import BUILDS, HAIRS, SKINS

G = "{http://base.google.com/ns/1.0}"


def pictures():
    yield from (theme.picture for theme in THEMES)
    yield from (pin.photo for board in BOARDS for pin in board.pins if pin.photo)
    for post in POSTS:
        yield post.cover
        for block in post.body:
            yield from ((block.picture,) if block.picture else block.pictures)


def named(publication):
    """The ids of the products that a board or a post names or shows."""
    ids = set()
    for pin in getattr(publication, "pins", ()):
        ids |= {pin.product} if pin.product else set()
        ids |= set(pin.photo.products) if pin.photo else set()
    for block in getattr(publication, "body", ()):
        ids |= set(block.products)
        for picture in (block.picture,) if block.picture else block.pictures:
            ids |= set(picture.products)
    if hasattr(publication, "cover"):
        ids |= set(publication.cover.products)
    return ids


def test_world_has_the_promised_numbers():
    parts = Counter(person.part for person in PEOPLE)

    assert (len(SHOPS), len(PRODUCTS), len(BOARDS), len(POSTS), len(THEMES)) == (3, 150, 40, 25, 8)
    assert parts == {
        "advocate": 12, "owner": 3, "customer": 1, "stranger": 1, "moderator": 1, "admin": 1,
    }  # fmt: skip
    assert {len(products_of(shop)) for shop in SHOPS} == {50}


def test_advocates_speak_in_all_five_roles():
    roles = {person.role for person in PEOPLE if person.part == "advocate"}

    assert roles == {"expert", "customer", "employee", "public_figure", "friend"}
    assert PERSON_BY_USERNAME["ada"].role == "expert"


@pytest.mark.parametrize(
    "names",
    [
        [shop.slug for shop in SHOPS],
        [person.username for person in PEOPLE],
        [product.id for product in PRODUCTS],
        [product.gtin for product in PRODUCTS],
        [product.title for product in PRODUCTS],
        [board.slug for board in BOARDS],
        [board.title for board in BOARDS],
        [post.slug for post in POSTS],
        [post.title for post in POSTS],
        [theme.slug for theme in THEMES],
        [picture.seed for picture in pictures()],
    ],
    ids=[
        "shop",
        "person",
        "id",
        "gtin",
        "title",
        "board",
        "board-title",
        "post",
        "post-title",
        "theme",
        "seed",
    ],
)
def test_names_are_unique(names):
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_every_gtin_has_its_check_digit():
    wrong = [p.id for p in PRODUCTS if len(p.gtin) != 13 or gtin_check_digit(p.gtin[:-1]) != p.gtin[-1]]

    assert wrong == []
    assert gtin_check_digit("400638133393") == "1"  # GS1's own example


def test_prices_are_whole_cents_and_a_sale_is_lower():
    for product in PRODUCTS:
        assert product.currency == "EUR"
        assert product.vat_bps in {900, 2100}
        assert 300 <= product.price_minor <= 100_000
        assert product.sale_price_minor is None or 0 < product.sale_price_minor < product.price_minor
        assert product.asking_minor == product.sale_price_minor or product.sale_price_minor is None

    assert sum(product.sale_price_minor is not None for product in PRODUCTS) == 9
    assert sum(not product.in_stock for product in PRODUCTS) == 4
    assert {product.vat_bps for product in PRODUCTS if product.product_type.startswith("Planten")} == {900}


def test_item_groups_have_several_variants_of_one_shop():
    groups = Counter(product.item_group for product in PRODUCTS if product.item_group)

    assert min(groups.values()) == 2
    assert all(product.variant for product in PRODUCTS if product.item_group)


def test_texts_fit_their_fields():
    for product in PRODUCTS:
        assert 5 <= len(product.title) <= 150
        assert 40 <= len(product.description) <= 5000
        assert product.maker
        assert product.material
        assert product.process
        assert product.repair
    for person in PEOPLE:
        assert 5 <= len(person.bio) <= 400
    for board in BOARDS:
        assert 5 <= len(board.title) <= 100
        assert 20 <= len(board.description) <= 300
        assert 4 <= len(board.pins) <= 12
        assert all(len(pin.note) <= 280 for pin in board.pins)
    for post in POSTS:
        assert 5 <= len(post.title) <= 100
        assert 60 <= len(post.intro) <= 300
        assert 60 <= len(post.less_good) <= 300
        words = sum(len(block.text.split()) for block in post.body)
        assert 150 <= words <= 400


def test_every_post_is_built_of_all_kinds_of_blocks():
    kinds = [{block.kind for block in post.body} for post in POSTS]

    assert all({"paragraph", "quote", "products"} <= of_post for of_post in kinds)
    assert all(of_post & {"picture", "gallery"} for of_post in kinds)
    assert {"gallery", "before_after", "craft", "board"} <= set().union(*kinds)
    assert all(block.who for post in POSTS for block in post.body if block.kind == "quote")


def test_references_exist():
    themes = {theme.slug for theme in THEMES}
    for publication in (*BOARDS, *POSTS):
        assert publication.author in PERSON_BY_USERNAME
        assert set(publication.themes) <= themes
        assert publication.themes
        assert named(publication) <= PRODUCT_BY_ID.keys()
    for picture in pictures():
        assert set(picture.products) <= PRODUCT_BY_ID.keys()
        assert picture.products
    for shop in SHOPS:
        owner = PERSON_BY_USERNAME[shop.owner]
        assert (owner.part, owner.shop) == ("owner", shop.slug)
    for person in PEOPLE:
        assert set(person.deals) <= SHOP_BY_SLUG.keys()
        assert (person.role == "employee") == (person.part == "advocate" and person.shop is not None)
    assert {theme for publication in (*BOARDS, *POSTS) for theme in publication.themes} == themes


def test_who_has_no_deal_says_how_it_came_to_be():
    without = {}
    for publication in (*BOARDS, *POSTS):
        deals = PERSON_BY_USERNAME[publication.author].deals
        shops = {PRODUCT_BY_ID[product].shop for product in named(publication)}
        if shops - set(deals):
            without[publication.slug] = publication.disclosure
        else:
            assert publication.disclosure is None, publication.slug

    assert without == {
        "boven-de-tafel": "bought",
        "nachtlezen": "received",
        "bobs-keuken": "bought",
        "zestig-centimeter-boven-tafel": "bought",
        "een-pan-een-schaal": "paid",
        "een-plant-voor-een-nachtmens": "received",
        "een-stolp-is-een-kas": "bought",
    }


def test_about_a_quarter_is_in_english():
    languages = Counter(publication.language for publication in (*BOARDS, *POSTS))

    assert languages == {"nl": 50, "en": 15}


def test_every_look_can_be_drawn():
    for product in PRODUCTS:
        assert product.look.kind in KINDS
        assert set(product.look.body.split("+")) | set(product.look.second.split("+")) <= PAINTS.keys()
    for shop in SHOPS:
        assert set(shop.schemes) <= SCHEMES.keys()
        assert set(shop.colours) <= PAINTS.keys()
    for person in PEOPLE:
        face = person.face
        assert face.skin in SKINS
        assert face.hair in HAIRS
        assert face.cut in FRONTS
        assert face.build in BUILDS
        assert face.scheme in SCHEMES
        assert face.wear in PAINTS
    for picture in pictures():
        assert picture.shape in RATIOS
        assert picture.mood in {"", "table", "sill", "garden", "room", "above"}
        assert len(picture.alt) >= 10


def test_pictures_from_above_show_only_what_can_be_seen_from_above():
    hidden = [
        (picture.seed, product)
        for picture in pictures()
        if picture.mood == "above"
        for product in picture.products
        if PRODUCT_BY_ID[product].look.kind not in FROM_ABOVE
    ]

    assert hidden == []


def test_body_refuses_a_bracketed_line_it_does_not_know():
    with pytest.raises(ValueError, match=r"proef 1: there is no mark \[plaatje: …\]"):
        read_body("proef", "Een alinea.\n\n[plaatje: x]")


def test_body_keeps_heading_and_text_under_it_apart():
    blocks = read_body("proef", "## Kop\nTekst.\n\n> Zin. — wie")

    assert [(block.kind, block.text, block.who) for block in blocks] == [
        ("heading", "Kop", ""),
        ("paragraph", "Tekst.", ""),
        ("quote", "Zin.", "wie"),
    ]


# -- the feed ---------------------------------------------------------------------------------------------------


def feed(shop, **options):
    file = io.BytesIO()
    write_feed(
        shop,
        products_of(shop),
        file,
        shop_url="http://127.0.0.1:8001/werf-en-klei/",
        picture_url="http://127.0.0.1:8001/pictures",
        **options,
    )
    return ElementTree.fromstring(file.getvalue()).findall("channel/item")


@pytest.mark.parametrize("shop", SHOPS, ids=[shop.slug for shop in SHOPS])
def test_feed_has_each_product_once(shop):
    items = feed(shop)

    assert [item.findtext(f"{G}id") for item in items] == [product.id for product in products_of(shop)]


def test_feed_row_says_what_the_product_is():
    item = next(item for item in feed(SHOPS[0]) if item.findtext(f"{G}id") == "WK-101-3")

    assert {child.tag.removeprefix(G): child.text for child in item if not len(child)} == {
        "id": "WK-101-3",
        "title": "Mok Werf – inkt",
        "description": PRODUCT_BY_ID["WK-101-3"].description,
        "link": "http://127.0.0.1:8001/werf-en-klei/products/WK-101-3",
        "image_link": "http://127.0.0.1:8001/pictures/WK-101-3.jpg",
        "availability": "in_stock",
        "price": "24.00 EUR",
        "sale_price": "19.50 EUR",
        "gtin": PRODUCT_BY_ID["WK-101-3"].gtin,
        "brand": "Werf & Klei",
        "condition": "new",
        "product_type": "Keramiek > Mokken",
        "material": "Steengoed uit het Westerwald, loodvrij glazuur",
        "item_group_id": "WK-101",
        "color": "inkt",
    }
    details = [
        (detail.findtext(f"{G}attribute_name"), detail.findtext(f"{G}attribute_value"))
        for detail in item.findall(f"{G}product_detail")
    ]
    product = PRODUCT_BY_ID["WK-101-3"]
    assert details == [
        ("Maker", product.maker),
        ("Materiaal", product.material),
        ("Proces", product.process),
        ("Herstel", product.repair),
    ]


def test_feed_can_have_two_broken_rows():
    items = feed(SHOPS[0], broken_rows=True)

    assert len(items) == 52
    price, nameless = items[1], items[2]
    assert (price.findtext(f"{G}id"), price.findtext(f"{G}price")) == ("FOUT-1", "op aanvraag")
    assert (nameless.findtext(f"{G}id"), nameless.find(f"{G}title"), nameless.find(f"{G}link")) == (
        "FOUT-2",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("minor", "text"), [(5, "0.05 EUR"), (100, "1.00 EUR"), (2450, "24.50 EUR"), (123456, "1234.56 EUR")]
)
def test_money_is_written_as_merchant_wants_it(minor, text):
    assert money(minor, "EUR") == text


def test_gtin_check_digit_makes_the_weighted_sum_a_multiple_of_ten():
    rng = random.Random(7)
    for _ in range(200):
        digits = f"{rng.randrange(10**12):012d}"
        whole = digits + gtin_check_digit(digits)
        total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(whole))
        assert total % 10 == 0


def test_voices_speak_of_what_exists():
    slugs = {board.slug for board in BOARDS} | {post.slug for post in POSTS}
    products = [
        *(review.product for review in VOICES.reviews),
        *(question.product for question in VOICES.questions if question.product),
        *(one for question in VOICES.questions for answer in question.answers for one in answer.products),
        *(one for saves in VOICES.saves for one in saves.products),
    ]
    people = [
        *(question.asker for question in VOICES.questions),
        *(answer.by for question in VOICES.questions for answer in question.answers),
        *(comment.by for comment in VOICES.comments),
        *(person for follows in VOICES.follows for person in (follows.who, *follows.people)),
        *(saves.who for saves in VOICES.saves),
    ]
    publications = [
        *(comment.on for comment in VOICES.comments),
        *(question.board for question in VOICES.questions if question.board),
        *(saves.origin for saves in VOICES.saves),
        *(remix.of for remix in VOICES.remixes),
    ]

    assert set(products) <= set(PRODUCT_BY_ID)
    assert set(people) <= set(PERSON_BY_USERNAME)
    assert set(publications) <= slugs
    assert {review.stars for review in VOICES.reviews} == {1, 2, 3, 4, 5}
