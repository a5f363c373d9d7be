"""Disclosure: what the label says, for whom, and that nobody can switch it off."""

from datetime import timedelta

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from django.template.loader import render_to_string
from django.utils import translation

from advocates.disclosure import DisclosureKind, disclosure_of, disclosures_of
from advocates.enrolments import end_enrolment, request_to_join
from advocates.enums import ContributorRole, PublicationKind, PublicationState, Relation
from advocates.links import link_for
from advocates.models import Advocate, Contributor, Link
from advocates.publications import publish
from advocates.shops import add_member
from tests.factories import NOW, make_deal, make_enrolment, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def ada():
    return make_user("Ada Vermeer")


@pytest.fixture
def klei():
    return make_shop("Klei & Co")


def _publish(author, *products, relation=Relation.NONE, credited=None, at=NOW):
    return publish(
        publication=None,
        author=author,
        kind=PublicationKind.BOARD,
        title="Tafel",
        summary="",
        path="/@ada/tafel/",
        cover=None,
        language="nl",
        theme_slugs=[],
        state=PublicationState.PUBLIC,
        relation=relation,
        products=products,
        credited=credited,
        at=at,
    )


def _found_by(finder, product):
    """A publication of somebody's with this product, and the link that stands in it."""
    publication = _publish(finder, product)
    return {product.pk: link_for(publication=publication, product=product, at=NOW)}


def test_without_any_tie_there_is_no_label(ada, klei):
    publication = _publish(ada, make_product(klei))

    assert disclosure_of(publication=publication, at=NOW) is None


def test_a_deal_is_told_with_the_shop_and_that_the_author_earns(ada, klei):
    """Trap 34: the label comes from the deal."""
    make_enrolment(ada, make_deal(klei))

    label = disclosure_of(publication=_publish(ada, make_product(klei)), at=NOW)

    assert label.kind == DisclosureKind.DEAL
    assert label.text == "Advertisement: Ada Vermeer earns a share when you buy at Klei & Co."
    assert label.short == "Advertisement"


def test_all_shops_of_a_deal_are_named_in_reading_order_and_the_others_are_not(ada, klei):
    oak, wool, none = make_shop("Eik"), make_shop("Wol"), make_shop("Zonder")
    for shop in (klei, oak, wool):
        make_enrolment(ada, make_deal(shop))
    products = [make_product(shop) for shop in (wool, none, klei, oak, wool)]

    label = disclosure_of(publication=_publish(ada, *products), at=NOW)

    assert label.text == "Advertisement: Ada Vermeer earns a share when you buy at Wol, Klei & Co and Eik."


@pytest.mark.parametrize("relation", Relation)
def test_no_word_of_the_author_switches_a_deal_off(ada, klei, relation):
    """Trap 34: what she chooses can add to the label and take nothing from it."""
    make_enrolment(ada, make_deal(klei))

    label = disclosure_of(publication=_publish(ada, make_product(klei), relation=relation), at=NOW)

    assert label.kind == DisclosureKind.DEAL
    assert label.text.startswith("Advertisement: Ada Vermeer earns a share when you buy at Klei & Co.")


@pytest.mark.parametrize(
    ("relation", "text", "short"),
    [
        (Relation.PAID, "Advertisement: Klei & Co paid Ada Vermeer for this.", "Advertisement"),
        (
            Relation.RECEIVED,
            "Advertisement: Ada Vermeer received a product from Klei & Co for this.",
            "Advertisement",
        ),
        (Relation.BOUGHT, "Ada Vermeer bought this and is not paid for saying so.", "Bought by the author"),
    ],
)
def test_without_a_deal_the_author_says_it(ada, klei, relation, text, short):
    label = disclosure_of(publication=_publish(ada, make_product(klei), relation=relation), at=NOW)

    assert (label.kind, label.text, label.short) == (relation.value, text, short)


def test_what_the_author_says_of_several_shops_names_none(ada, klei):
    publication = _publish(ada, make_product(klei), make_product(make_shop("Eik")), relation=Relation.PAID)

    assert disclosure_of(publication=publication, at=NOW).text == (
        "Advertisement: Ada Vermeer was paid for this by a shop."
    )


def test_a_shops_own_people_are_told(ada):
    mila = make_user("Mila de Boer")
    klei, oak = make_shop("Klei & Co", owner=mila), make_shop("Eik")
    add_member(shop=oak, user=mila)

    label = disclosure_of(publication=_publish(mila, make_product(klei), make_product(oak)), at=NOW)

    assert label.kind == DisclosureKind.SHOP
    assert label.text == "Advertisement: Klei & Co belongs to Mila de Boer. Mila de Boer works for Eik."


def test_an_employee_with_a_deal_is_told_as_both(ada, klei):
    deal = make_deal(klei)
    make_enrolment(ada, deal)
    add_member(shop=klei, user=ada)

    label = disclosure_of(publication=_publish(ada, make_product(klei)), at=NOW)

    assert label.text == (
        "Advertisement: Ada Vermeer earns a share when you buy at Klei & Co. Ada Vermeer works for Klei & Co."
    )


def test_asking_to_join_is_no_deal_yet(ada, klei):
    deal = make_deal(klei)
    request_to_join(user=ada, programme=deal.programme, motivation="", at=NOW)

    assert disclosure_of(publication=_publish(ada, make_product(klei)), at=NOW) is None


def test_a_deal_of_later_labels_what_was_published_before(ada, klei):
    publication = _publish(ada, make_product(klei), at=NOW - timedelta(days=30))
    make_enrolment(ada, make_deal(klei), at=NOW)

    assert disclosure_of(publication=publication, at=NOW - timedelta(seconds=1)) is None
    assert disclosure_of(publication=publication, at=NOW).kind == DisclosureKind.DEAL


def test_after_the_end_of_a_deal_the_past_stays_true(ada, klei):
    """Made under a deal: still advertising, and no more than that. Made afterwards: nothing to tell."""
    enrolment = make_enrolment(ada, make_deal(klei), at=NOW - timedelta(days=30))
    product = make_product(klei)
    before = _publish(ada, product, at=NOW - timedelta(days=20))
    end_enrolment(enrolment=enrolment, by=ada, at=NOW - timedelta(days=10))
    after = _publish(ada, product, at=NOW - timedelta(days=5))

    labels = disclosures_of(publications=[before, after], at=NOW)

    assert set(labels) == {before.pk}
    assert labels[before.pk].kind == DisclosureKind.DEAL
    assert labels[before.pk].text == (
        "Advertisement: Ada Vermeer earned a share at Klei & Co when this was made; that has ended."
    )


def test_suspension_takes_no_label_away(ada, klei):
    make_enrolment(ada, make_deal(klei))
    publication = _publish(ada, make_product(klei))
    Advocate.objects.update(state="suspended", suspension_reason="Links in pop-ups.")

    assert disclosure_of(publication=publication, at=NOW).kind == DisclosureKind.DEAL


def test_another_authors_deal_is_not_hers(ada, klei):
    make_enrolment(make_user("Bob Smit"), make_deal(klei))

    assert disclosure_of(publication=_publish(ada, make_product(klei)), at=NOW) is None


def test_whose_link_it_is_earns_and_is_told_after_the_author(ada, klei):
    """Decision 0007: the label speaks of everybody whose links stand in it."""
    oak, bob = make_shop("Eik"), make_user("Bob Smit")
    make_enrolment(ada, make_deal(oak))
    make_enrolment(bob, make_deal(klei))
    cup, chair = make_product(klei), make_product(oak)

    publication = _publish(ada, cup, chair, credited=_found_by(bob, cup))
    label = disclosure_of(publication=publication, at=NOW)

    assert label.text == (
        "Advertisement: Ada Vermeer earns a share when you buy at Eik. "
        "Links by Bob Smit lead to Klei & Co; Bob Smit earns when you buy."
    )
    assert label.label_of(cup.pk) == "Advertisement: link by Bob Smit"
    assert label.label_of(chair.pk) == "Advertisement"


def test_link_of_somebody_without_any_tie_is_no_advertisement(ada, klei):
    bob, cup = make_user("Bob Smit"), make_product(klei)

    assert disclosure_of(publication=_publish(ada, cup, credited=_found_by(bob, cup)), at=NOW) is None


def test_author_does_not_earn_on_the_link_of_another_and_her_deal_is_told(ada, klei):
    bob, deal = make_user("Bob Smit"), make_deal(klei)
    make_enrolment(ada, deal)
    make_enrolment(bob, deal)
    cup = make_product(klei)

    label = disclosure_of(publication=_publish(ada, cup, credited=_found_by(bob, cup)), at=NOW)

    assert label.text == (
        "Advertisement: Ada Vermeer has a deal with Klei & Co. "
        "Links by Bob Smit lead to Klei & Co; Bob Smit earns when you buy."
    )


def test_link_that_was_made_under_a_deal_stays_advertising(ada, klei):
    bob, cup = make_user("Bob Smit"), make_product(klei)
    enrolment = make_enrolment(bob, make_deal(klei), at=NOW - timedelta(days=30))
    credited = _found_by(bob, cup)
    end_enrolment(enrolment=enrolment, by=bob, at=NOW + timedelta(days=10))
    later = NOW + timedelta(days=20)

    label = disclosure_of(publication=_publish(ada, cup, credited=credited, at=later), at=later)

    assert label.text == (
        "Advertisement: Bob Smit earned a share at Klei & Co when this was made; that has ended."
    )


def test_who_works_on_it_and_for_the_shop_is_told(ada, klei):
    bob, eve = make_user("Bob Smit"), make_user("Eve Stil")
    for person in (bob, eve):
        add_member(shop=klei, user=person)
    publication = _publish(ada, make_product(klei))
    other = _publish(ada, make_product(klei))
    Contributor.objects.create(publication=publication, user=bob, role=ContributorRole.ADD, joined_at=NOW)

    labels = disclosures_of(publications=[publication, other], at=NOW)

    assert set(labels) == {publication.pk}
    assert labels[publication.pk].kind == DisclosureKind.SHOP
    assert labels[publication.pk].text == "Advertisement: Bob Smit works for Klei & Co."


@pytest.mark.parametrize("number", [1, 3])
def test_links_of_others_take_no_further_queries(django_assert_num_queries, ada, klei, number):
    deal, products, credited = make_deal(klei), [], {}
    for _number in range(number):
        bob, product = make_user("Bob Smit"), make_product(klei)
        make_enrolment(bob, deal)
        products.append(product)
        credited |= _found_by(bob, product)
    publication = _publish(ada, *products, credited=credited)
    Contributor.objects.create(publication=publication, user=bob, role=ContributorRole.ADD, joined_at=NOW)

    with django_assert_num_queries(3):
        labels = disclosures_of(publications=[publication], at=NOW)

    assert set(labels[publication.pk].of_others) == set(credited)


@pytest.mark.parametrize("number", [1, 3])
def test_labels_of_many_publications_take_three_queries(django_assert_num_queries, klei, number):
    deal = make_deal(klei)
    publications = []
    for _number in range(number):
        author = make_user("Ada Vermeer")
        make_enrolment(author, deal)
        publications.append(_publish(author, make_product(klei), make_product(klei)))

    with django_assert_num_queries(3):
        labels = disclosures_of(publications=publications, at=NOW)

    assert set(labels) == {publication.pk for publication in publications}


def test_no_publications_have_no_labels():
    assert disclosures_of(publications=[], at=NOW) == {}


def test_the_label_is_in_the_readers_language(ada, klei, settings, tmp_path):
    """Trap 34: the reader's language, not the author's."""
    catalog = Catalog(locale="nl")
    catalog.add("Advertisement", "Reclame")
    catalog.add("Advertisement: %(sentences)s", "Reclame: %(sentences)s")
    catalog.add(
        "%(author)s earns a share when you buy at %(shops)s.",
        "%(author)s verdient mee als je bij %(shops)s koopt.",
    )
    folder = tmp_path / "nl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalog)
    make_enrolment(ada, make_deal(klei))
    publication = _publish(ada, make_product(klei))

    settings.LOCALE_PATHS = [tmp_path]
    with translation.override("nl"):
        dutch = disclosure_of(publication=publication, at=NOW)
    with translation.override("en"):
        english = disclosure_of(publication=publication, at=NOW)

    assert (dutch.short, dutch.text) == (
        "Reclame",
        "Reclame: Ada Vermeer verdient mee als je bij Klei & Co koopt.",
    )
    assert english.short == "Advertisement"


def test_the_label_on_a_product_is_read_before_its_link_and_without_css(ada, klei):
    """Traps 34 and 35: plain words before the click, and rel="sponsored nofollow noopener" on the link."""
    make_enrolment(ada, make_deal(klei))
    publication = _publish(ada, make_product(klei))
    label, link = disclosure_of(publication=publication, at=NOW), Link.objects.get()

    html = render_to_string(
        "components/product-card.html",
        {"title": "Kop", "buy_url": link.get_absolute_url(), "disclosure": label.text},
    )

    words = "Advertisement: Ada Vermeer earns a share when you buy at Klei &amp; Co."
    anchor = f'href="/go/{link.code}" rel="sponsored nofollow noopener"'
    assert html.count(words) == 1
    assert html.count(anchor) == 1
    assert html.index(words) < html.index(anchor)
