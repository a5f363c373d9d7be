"""The page of a product: what it costs if we know it, the way to the shop, and where it appears."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from advocates.enums import Availability
from advocates.models import Craft, Offer, Product, ProductPicture
from community.models import Block, Follow, Mute
from community.pictures import store_picture
from tests.community.outside_world import camera_file
from tests.community.talk import make_question
from tests.community.voicing import make_board, make_story
from tests.factories import NOW, make_product, make_shop, make_user

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


@pytest.fixture
def cup(db):
    shown = make_product(make_shop(), "Theekop")
    Offer.objects.update(checked_at=timezone.now())
    return shown


def url_of(product, **query):
    with override("en"):
        address = reverse("community:product", args=[product.pk, "theekop"])
    return f"{address}?{'&'.join(f'{key}={value}' for key, value in query.items())}" if query else address


def page(client, product, **query):
    answer = client.get(url_of(product, **query))
    assert answer.status_code == 200
    return answer


def words(html):
    """The text of a page, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def part(answer, heading):
    """The words of the section under this heading."""
    text = words(answer.content.decode().partition("<main")[2])
    return text[text.index(heading) :]


def add_picture(product, position=None):
    picture = store_picture(file=camera_file(), title="Kop", uploaded_by=None)
    if position is None:
        Product.objects.filter(pk=product.pk).update(picture=picture)
    else:
        ProductPicture.objects.create(product=product, picture=picture, position=position)


def test_price_is_said_with_the_day_it_was_checked(client, cup):
    answer = page(client, cup)

    assert "€24.00 checked" in words(answer.content.decode())
    assert "Price unknown" not in answer.content.decode()


def test_price_that_nobody_checked_lately_is_unknown_everywhere(client, cup, settings):
    board = make_board(make_user(), cup)
    stale = timezone.now() - timedelta(days=settings.PRICE_KNOWN_DAYS, minutes=1)
    Offer.objects.update(checked_at=stale)
    link = re.escape(page(client, cup).context["card"].link.get_absolute_url())

    html = page(client, cup).content.decode()

    assert re.search(rf'Price unknown</span> <a class="price__look" href="{link}" rel="sponsored', html)
    assert "€24.00" not in html
    assert "Price unknown" in client.get(board.get_absolute_url()).content.decode()


def test_sold_out_product_has_no_way_to_the_shop_but_says_so(client, cup):
    Offer.objects.update(availability=Availability.OUT_OF_STOCK)

    html = page(client, cup).content.decode()

    assert "Sold out" in html
    assert "To the shop" not in html


def test_way_to_the_shop_is_one_link_marked_as_advertising(client, cup):
    answer = page(client, cup)

    link = answer.context["card"].link.get_absolute_url()
    assert re.findall(
        rf'<a class="button button--primary" href="{link}" ([^>]*)>', answer.content.decode()
    ) == ['rel="sponsored nofollow noopener"']
    assert client.get(link).status_code == 302


def test_wrong_name_leads_to_the_right_address_and_no_product_to_none(client, cup):
    with override("en"):
        other = reverse("community:product", args=[cup.pk, "iets-anders"])
        nowhere = reverse("community:product", args=[10**15, "theekop"])

    assert (client.get(other).status_code, client.get(other).url) == (301, url_of(cup))
    assert client.get(nowhere).status_code == 404


@pytest.mark.parametrize(
    "query", ["page=99999999999999999999", "page=-1", "page=%00", "show=%00", "show=stories&page=x"]
)
def test_nonsense_in_the_address_is_survived(client, cup, query):
    assert client.get(f"{url_of(cup)}?{query}").status_code == 200


def test_what_shops_and_people_wrote_is_shown_as_text(client, db):
    shop = make_shop("Klei")
    product = make_product(
        shop, f"Theekop {HOSTILE}", description=HOSTILE, brand=HOSTILE[:100], category=HOSTILE
    )
    Craft.objects.create(
        product=product, maker=HOSTILE, material=HOSTILE, process=HOSTILE, repair=HOSTILE, changed_at=NOW
    )
    make_board(make_user("Ada Vermeer", role="expert"), product, "Bord", note=HOSTILE)
    add_picture(product)
    add_picture(product, 1)

    html = client.get(product.get_absolute_url()).content.decode()

    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert html.count("&lt;script&gt;alert(1)") > 8


def test_gallery_shows_every_picture_with_words_and_a_way_to_it(client, cup):
    add_picture(cup)
    one = page(client, cup).content.decode()
    add_picture(cup, 1)
    add_picture(cup, 2)
    html = page(client, cup).content.decode()

    assert ("data-gallery" in one, "gallery.js" in one) == (False, False)
    assert [f'id="picture-{number}"' in html for number in (1, 2, 3, 4)] == [True, True, True, False]
    assert re.findall(r'href="#picture-(\d)"', html) == ["1", "2", "3"]
    assert re.findall(r'alt="(Theekop, picture \d of 3)"', html) == [
        f"Theekop, picture {number} of 3" for number in (1, 2, 3)
    ]
    assert html.count('fetchpriority="high"') == 1
    assert "gallery.js" in html


def test_craft_stands_above_the_specifications(client, cup):
    bare = page(client, cup).content.decode()
    Craft.objects.create(product=cup, maker="Mila de Boer", repair="Wij lijmen scherven.", changed_at=NOW)
    Product.objects.update(brand="Klei")
    html = page(client, cup).content.decode()

    assert "craft" not in bare
    assert html.index("Wij lijmen scherven.") < html.index('<dl class="facts">')
    assert "What it is made of" not in html


def test_boards_and_stories_with_it_are_found_apart(client, cup):
    ada = make_user()
    make_board(ada, cup, "Zichtbaar")
    make_board(ada, cup, "Verborgen", state="unlisted")
    make_board(ada, make_product(cup.shop), "Met iets anders")
    for number in range(5):
        make_story(ada, cup, f"Verhaal {number}", at=NOW - timedelta(days=number))

    answer = page(client, cup)
    stories = page(client, cup, show="stories")

    assert [card.publication.title for card in answer.context["cards"]] == ["Zichtbaar"]
    assert [card.publication.title for card in answer.context["stories"]] == [
        f"Verhaal {n}" for n in range(4)
    ]
    assert 'href="?show=stories#with-it"' in answer.content.decode()
    assert [card.publication.title for card in stories.context["cards"]] == [f"Verhaal {n}" for n in range(5)]
    assert "Verborgen" not in answer.content.decode()


def test_boards_go_on_a_piece_at_a_time(client, cup):
    ada = make_user()
    for number in range(25):
        make_board(ada, cup, f"Bord {number}", at=NOW - timedelta(hours=number))

    first, second = page(client, cup), page(client, cup, page=2)

    assert len(first.context["cards"]) == 24
    assert 'href="?page=2"' in first.content.decode()
    assert [card.publication.title for card in second.context["cards"]] == ["Bord 24"]
    assert [card.publication.title for card in page(client, cup, page=3).context["cards"]] == []


@pytest.mark.parametrize("aside", ["mute", "block", "blocked"])
def test_whom_one_put_aside_is_not_on_the_page(client, cup, aside):
    ada, bob = make_user("Ada Vermeer", role="expert"), make_user("Bob Smit")
    make_board(ada, cup, "Adas bord", note="Adas woorden")
    make_story(ada, cup, "Adas verhaal")
    make_question(ada, product=cup, title="Adas vraag over deze kop")
    match aside:
        case "mute":
            Mute.objects.create(user=bob, muted=ada, created_at=NOW)
        case "block":
            Block.objects.create(user=bob, blocked=ada, created_at=NOW)
        case _:
            Block.objects.create(user=ada, blocked=bob, created_at=NOW)

    shown = page(client, cup).content.decode()
    client.force_login(bob)
    html = page(client, cup).content.decode()

    assert [word in shown for word in ("Adas bord", "Adas verhaal", "Adas vraag")] == [True, True, True]
    assert "Adas" not in html


def test_anonymous_page_holds_nothing_personal(client, cup):
    make_board(make_user(role="expert"), cup, note="Mooi")

    answer = page(client, cup)

    html = answer.content.decode().partition("<main")[2]
    assert "csrfmiddlewaretoken" not in html
    assert "Log in to hear the people you follow." in html
    assert not answer.cookies
    client.force_login(make_user("Bob Smit"))
    assert "Nobody whom you follow speaks of it." in page(client, cup).content.decode()


def test_absent_voices_are_told_in_one_line(client, cup):
    make_board(make_user(role="expert"), cup)

    html = page(client, cup).content.decode()

    assert (
        "Not heard yet: a known face, buyers with a verified purchase, the crowd (fewer than five so far)."
        in words(html)
    )


@pytest.mark.parametrize("number", [1, 3])
def test_product_page_takes_the_same_number_of_queries(client, cup, django_assert_num_queries, number):
    for one in range(number):
        expert, face = make_user(f"Ada{one}", role="expert"), make_user(f"Fenna{one}", role="public_figure")
        make_board(expert, cup, f"Bord {one}", note="Ja")
        make_story(face, cup, f"Verhaal {one}")
        make_question(expert, product=cup, title=f"Kan dit in de vaatwasser {one}")
        add_picture(cup, one + 1)
    add_picture(cup)
    Product.objects.update(item_group_id="kopjes")
    for _one in range(number):
        make_product(cup.shop, item_group_id="kopjes")
    page(client, cup)

    with django_assert_num_queries(31):
        page(client, cup)


def test_shop_leads_to_its_web_shop_in_words(client, cup):
    with override("en"):
        url = reverse("community:shop", args=[cup.shop.slug])

    html = client.get(url).content.decode()

    assert "Visit the web shop" in html
    assert f">{cup.shop.homepage_url}<" not in html


@pytest.mark.parametrize("number", [1, 3])
def test_shop_page_takes_the_same_number_of_queries(client, cup, django_assert_num_queries, number):
    for one in range(number):
        make_board(make_user(f"Ada{one}"), cup, f"Bord {one}")
        make_product(cup.shop)
    url = cup.shop.get_absolute_url()
    client.get(url)

    with django_assert_num_queries(10):
        client.get(url)


def test_shop_shows_its_products_a_piece_at_a_time_newest_first(client, cup):
    for number in range(24):
        make_product(cup.shop, f"Kop {number}")
    url = cup.shop.get_absolute_url()

    first, second = client.get(url), client.get(f"{url}?page=2")

    assert [card.product.title for card in first.context["products"]][:2] == ["Kop 23", "Kop 22"]
    assert "?page=2" in first.content.decode()
    assert [card.product for card in second.context["products"]] == [cup]


def test_shop_leaves_out_whom_one_put_aside_and_can_be_followed(client, cup):
    ada, bob = make_user("Ada Vermeer"), make_user("Bob Smit")
    make_board(ada, cup, "Adas bord")
    url = cup.shop.get_absolute_url()
    shown = client.get(url)
    Mute.objects.create(user=bob, muted=ada, created_at=NOW)
    Follow.objects.create(follower=bob, shop=cup.shop, created_at=NOW)

    client.force_login(bob)
    answer = client.get(url)

    assert [card.publication.title for card in shown.context["voices"]] == ["Adas bord"]
    assert (answer.context["voices"], answer.context["is_following"]) == ([], True)
    assert "csrfmiddlewaretoken" not in shown.content.decode()
