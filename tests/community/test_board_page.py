"""A board as its visitors read it: order, sections, hotspots, labels, who made it, and from where things came."""

import re
from io import BytesIO

import pytest
from django.contrib.auth.models import AnonymousUser
from PIL import Image

from advocates.enums import ContributorRole, PublicationState
from advocates.models import Contributor, Publication
from community import boards, pins
from community.board_cards import sections_of
from community.hotspots import add_hotspot
from community.models import Block, Mute, Theme
from community.pictures import store_picture
from tests.factories import NOW, make_deal, make_enrolment, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("Ada Vermeer", handle="ada")


@pytest.fixture
def klei():
    return make_shop("Klei & Co")


def make_picture(owner, alt_text="Een gedekte tafel", size=(60, 40)):
    file = BytesIO()
    Image.new("RGB", size, "#c07030").save(file, "JPEG")
    file.seek(0)
    return store_picture(file=file, title="tafel", uploaded_by=owner, alt_text=alt_text)


def make_board(owner, *products, state=PublicationState.PUBLIC, title="Een tafel voor acht"):
    board = boards.create_board(owner=owner, title=title, at=NOW)
    for product in products:
        boards.add_product(board=board, product=product, by=owner, at=NOW)
    return boards.publish_board(board=board, state=state, at=NOW) if products else board


def make_look(board, *products, note=""):
    """A picture of the owner's with these products in it."""
    picture = make_picture(board.owner)
    pin = boards.add_picture(board=board, picture=picture, by=board.owner, note=note, at=NOW)
    for number, product in enumerate(products):
        add_hotspot(pin=pin, product=product, x_bps=1000 + 2000 * number, y_bps=3456, note="", at=NOW)
    return pin


def open_board(client, board):
    answer = client.get(f"/en{board.publication.path}")
    assert answer.status_code == 200
    return answer.text


def test_sections_stand_in_order_under_their_headings(client, ada, klei):
    cup, plate, jug = (make_product(klei, title) for title in ("Kop", "Bord", "Kan"))
    board = make_board(ada, cup)
    pins.add_section(board=board, heading="Voor de thee", by=ada, at=NOW)
    boards.add_product(board=board, product=plate, by=ada, at=NOW)
    make_look(board, jug, note="Zo staat het bij mij.")

    sections = sections_of(board=board, disclosure=None, viewer=AnonymousUser(), at=NOW)

    assert [section.heading for section in sections] == ["", "Voor de thee"]
    shown = [[run.look is not None for run in section.runs] for section in sections]
    assert shown == [[False], [False, True]]
    page = open_board(client, board)
    places = [page.index(f">{title}<") for title in ("Kop", "Voor de thee", "Bord", "Kan")]
    assert places == sorted(places)
    assert re.search(r'<h2 class="board-section__title" id="section-\d+">Voor de thee</h2>', page)


def test_empty_section_is_left_out(ada, klei):
    board = make_board(ada, make_product(klei))
    pins.add_section(board=board, heading="Nog niets", by=ada, at=NOW)

    sections = sections_of(board=board, disclosure=None, viewer=ada, at=NOW)

    assert [section.heading for section in sections] == [""]


def test_hotspot_is_a_button_and_the_same_product_stands_in_the_list(client, ada, klei):
    make_enrolment(ada, make_deal(klei))
    board = make_board(ada, make_product(klei, "Bord"))
    cup, jug = make_product(klei, "Kop"), make_product(klei, "Kan")
    make_look(board, cup, jug)

    page = open_board(client, board)

    buttons = re.findall(
        r'<button class="hotspots__button left-(\d+) top-(\d+)" type="button" popovertarget="([\w-]+)">'
        r'<span class="hotspots__dot">(\d)</span><span class="visually-hidden">: (\w+)</span>',
        page,
    )
    assert [(left, top, number, name) for left, top, _key, number, name in buttons] == [
        ("10", "35", "1", "Kop"),
        ("30", "35", "2", "Kan"),
    ]
    panels = [
        re.search(rf'id="{key}" popover>(.*?)</div>', page, re.DOTALL)[1] for *_at, key, _n, _t in buttons
    ]
    links = [board.publication.mentions.get(product=product).link for product in (cup, jug)]
    for panel, link in zip(panels, links, strict=True):
        assert panel.index("Advertisement") < panel.index(f'href="/go/{link.code}"')
        assert 'rel="sponsored nofollow noopener"' in panel
    listed = re.search(r'<ol class="hotspots__list">(.*?)</ol>', page, re.DOTALL)[1]
    assert [listed.count(f'href="/go/{link.code}"') for link in links] == [1, 1]
    assert listed.index(links[0].code) < listed.index(links[1].code)


def test_first_picture_comes_before_everything_and_the_others_when_they_are_near(client, ada, klei):
    board = make_board(ada, *(make_product(klei, picture=make_picture(ada)) for _number in range(3)))

    images = re.findall(r'<img class="picture[^>]*>', open_board(client, board))[:3]

    assert [('fetchpriority="high"' in image, 'loading="lazy"' in image) for image in images] == [
        (True, False),
        (False, True),
        (False, True),
    ]
    assert all(re.search(r'width="\d+" height="\d+"', image) for image in images)


def test_picture_made_with_ai_says_so(client, ada, klei):
    board = make_board(ada, make_product(klei))
    picture = make_picture(ada)
    boards.add_picture(board=board, picture=picture, by=ada, at=NOW)
    assert "Made with AI" not in open_board(client, board)

    picture.is_made_with_ai = True
    picture.save()

    assert open_board(client, board).count('<span class="made-with-ai">') == 1


def test_who_makes_it_together_is_named_and_the_note_says_whose_it_is(client, ada, klei):
    bob, cem = make_user("Bob Smit", handle="bob"), make_user("Cem Kaya", handle="cem")
    board = make_board(ada, make_product(klei, "Kop"))
    for person in (bob, cem):
        Contributor.objects.create(
            publication=board.publication, user=person, role=ContributorRole.ADD, joined_at=NOW
        )
    boards.add_product(
        board=board, product=make_product(klei, "Kan"), by=bob, note="Schenkt zonder druppel.", at=NOW
    )

    page = open_board(client, board)

    assert '<a href="/en/@bob/">Bob Smit</a>, <a href="/en/@cem/">Cem Kaya</a>' in page
    assert re.search(r"Schenkt zonder druppel\.</p><footer>Bob</footer>", page)
    Mute.objects.create(user=make_user("Eve Stil", handle="eve"), muted=bob, created_at=NOW)
    client.force_login(Mute.objects.get().user)
    assert '<a href="/en/@bob/">Bob Smit</a>' not in open_board(client, board)


def test_place_where_something_was_found_is_named_only_to_who_may_see_it(client, ada, klei):
    bob, eve, cup = (
        make_user("Bob Smit", handle="bob"),
        make_user("Eve Stil", handle="eve"),
        make_product(klei),
    )
    source = make_board(bob, cup, title="Kopjes van Bob")
    board = make_board(ada)
    boards.add_product(board=board, product=cup, by=ada, origin=source.publication, at=NOW)
    boards.publish_board(board=board, state=PublicationState.PUBLIC, at=NOW)
    named = f'found with Bob: <a href="/en{source.publication.path}">Kopjes van Bob</a>'
    assert named in open_board(client, board)

    Mute.objects.create(user=eve, muted=bob, created_at=NOW)
    client.force_login(eve)
    assert "Kopjes van Bob" not in open_board(client, board)

    client.logout()
    boards.publish_board(board=source, state=PublicationState.HIDDEN, at=NOW)
    assert "Kopjes van Bob" not in open_board(client, board)


def test_label_beside_a_link_says_whose_it_is(client, ada, klei):
    deal, bob = make_deal(klei), make_user("Bob Smit", handle="bob")
    for person in (ada, bob):
        make_enrolment(person, deal)
    board = make_board(ada, make_product(klei, "Kop"))
    Contributor.objects.create(
        publication=board.publication, user=bob, role=ContributorRole.ADD, joined_at=NOW
    )
    boards.add_product(board=board, product=make_product(klei, "Kan"), by=bob, at=NOW)

    page = open_board(client, board)

    labels = re.findall(r'<span class="disclosure disclosure--compact">([^<]+)</span>', page)
    assert labels == ["Advertisement", "Advertisement: link by Bob Smit"]
    assert "Links by Bob Smit lead to Klei &amp; Co; Bob Smit earns when you buy." in page


def test_secret_board_is_nowhere(client, ada, klei):
    """Trap 10: page, lists, the product's boards, search, and the counts of them."""
    theme = Theme.objects.create(slug="tafel", name_nl="Aan tafel", name_en="At the table")
    cup = make_product(klei, "Kop")
    secret = make_board(ada, cup, title="Verrassing voor Kees", state=PublicationState.HIDDEN)
    secret.themes.add(theme)
    boards.record_change(board=secret, at=NOW)
    public = make_board(ada, cup, title="Voor iedereen")
    eve = make_user("Eve Stil", handle="eve")

    addresses = ["/en/", "/en/boards/", "/en/@ada/", f"/en{cup.get_absolute_url().removeprefix('/en')}"]
    addresses += ["/en/search/?q=Verrassing", "/en/people/", f"/en{public.publication.path}"]
    for person in (None, eve):
        if person:
            client.force_login(person)
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200, address
            assert "Verrassing voor Kees" not in answer.text, address
        assert client.get(f"/en{secret.publication.path}").status_code == 404

    client.force_login(ada)
    assert "Verrassing voor Kees" in client.get(f"/en{secret.publication.path}").text
    assert Publication.objects.listed().mentioning(cup).count() == 1


def test_blocked_people_do_not_find_each_others_boards(client, ada, klei):
    eve, board = make_user("Eve Stil", handle="eve"), make_board(ada, make_product(klei))
    client.force_login(eve)
    assert client.get(board.publication.path).status_code == 200

    Block.objects.create(user=ada, blocked=eve, created_at=NOW)

    assert client.get(board.publication.path).status_code == 404


def test_page_of_a_board_is_the_same_for_everybody_who_is_not_logged_in(client, ada, klei):
    board = make_board(ada, make_product(klei))

    answer = client.get(board.publication.path)

    assert "csrfmiddlewaretoken" not in answer.text
    assert not answer.cookies
    assert "public" in answer["Cache-Control"]


def test_queries_do_not_grow_with_what_stands_on_it(client, ada, klei, django_assert_max_num_queries):
    def queries(number):
        bob = make_user("Bob Smit")
        make_enrolment(bob, deal)
        source = make_board(bob, *(make_product(klei, picture=make_picture(ada)) for _n in range(number)))
        board = make_board(ada, *(make_product(klei, picture=make_picture(ada)) for _n in range(number)))
        Contributor.objects.create(
            publication=board.publication, user=bob, role=ContributorRole.ADD, joined_at=NOW
        )
        for pin in source.pins.select_related("product"):
            boards.add_product(board=board, product=pin.product, by=ada, origin=source.publication, at=NOW)
        for _n in range(number):
            make_look(board, *(make_product(klei) for _m in range(number)), note="Zo.")
            pins.add_section(board=board, heading="Verder", by=ada, at=NOW)
            boards.add_picture(board=board, picture=make_picture(ada), by=bob, at=NOW)
        client.get(board.publication.path)  # renditions are made when first seen
        with django_assert_max_num_queries(100) as captured:
            assert client.get(board.publication.path).status_code == 200
        return len(captured)

    deal = make_deal(klei)

    assert queries(1) == queries(3)
