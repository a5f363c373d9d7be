"""Publications: the row that boards and posts keep current, its mentions and their links."""

from datetime import timedelta

import pytest
from django.utils import translation

from advocates.enums import LinkState, PublicationKind, PublicationState, Relation
from advocates.links import find_link
from advocates.models import Link, Mention, Publication
from advocates.publications import address_of, publish, withdraw
from tests.factories import NOW, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db


def _publish(author, products=(), *, publication=None, at=NOW, **fields):
    values = {
        "kind": PublicationKind.BOARD,
        "title": "Een tafel voor acht",
        "summary": "Wat ik gebruik",
        "path": "/@ada/een-tafel-voor-acht/",
        "cover": None,
        "language": "nl",
        "theme_slugs": ["tafel"],
        "state": PublicationState.PUBLIC,
        "relation": Relation.NONE,
        **fields,
    }
    return publish(publication=publication, author=author, products=products, at=at, **values)


def _mentioned(publication):
    return [
        mention.product for mention in publication.mentions.select_related("product").order_by("position")
    ]


def test_publish_makes_mentions_and_links_in_the_order_of_the_products():
    ada, shop = make_user("Ada Vermeer"), make_shop()
    cup, bowl = make_product(shop, "Kop"), make_product(shop, "Schaal")

    publication = _publish(ada, [bowl, cup])

    assert _mentioned(publication) == [bowl, cup]
    links = [mention.link for mention in publication.mentions.select_related("link")]
    assert [(link.product, link.shop, link.publication) for link in links] == [
        (bowl, shop, publication),
        (cup, shop, publication),
    ]
    assert publication.published_at == NOW


def test_publish_mentions_a_product_once_where_it_comes_first():
    ada, shop = make_user("Ada Vermeer"), make_shop()
    cup, bowl = make_product(shop, "Kop"), make_product(shop, "Schaal")

    publication = _publish(ada, [bowl, cup, bowl])

    assert _mentioned(publication) == [bowl, cup]


def test_publishing_again_follows_the_new_order_and_keeps_the_links():
    ada, shop = make_user("Ada Vermeer"), make_shop()
    cup, bowl, jug = (make_product(shop, title) for title in ("Kop", "Schaal", "Kan"))
    publication = _publish(ada, [cup, bowl])
    codes = {mention.product_id: mention.link.code for mention in publication.mentions.all()}

    again = _publish(ada, [jug, bowl, cup], publication=publication, at=NOW + timedelta(days=1))

    assert again.pk == publication.pk
    assert _mentioned(again) == [jug, bowl, cup]
    after = {mention.product_id: mention.link.code for mention in again.mentions.all()}
    assert {product: after[product] for product in codes} == codes
    assert again.published_at == NOW
    assert again.changed_at == NOW + timedelta(days=1)


def test_a_removed_mention_leaves_a_link_that_still_leads_on_and_comes_back_with_the_product():
    ada, shop = make_user("Ada Vermeer"), make_shop()
    cup, bowl = make_product(shop, "Kop"), make_product(shop, "Schaal")
    publication = _publish(ada, [cup, bowl])
    code = Mention.objects.get(product=cup).link.code

    _publish(ada, [bowl], publication=publication)

    assert _mentioned(publication) == [bowl]
    assert find_link(code).state == LinkState.ACTIVE

    _publish(ada, [bowl, cup], publication=publication)

    assert Mention.objects.get(product=cup).link.code == code
    assert Link.objects.filter(product=cup).count() == 1


def test_publishing_the_same_again_writes_nothing_but_the_row(django_assert_num_queries):
    ada, shop = make_user("Ada Vermeer"), make_shop()
    products = [make_product(shop) for _number in range(3)]
    publication = _publish(ada, products)

    with django_assert_num_queries(6):  # savepoint, row, mentions, advocate, links, release
        _publish(ada, products, publication=publication)


def test_the_number_of_queries_does_not_grow_with_the_products(django_assert_num_queries):
    ada, shop = make_user("Ada Vermeer"), make_shop()
    one, many = [make_product(shop)], [make_product(shop) for _number in range(12)]

    with django_assert_num_queries(9):
        _publish(ada, one)
    with django_assert_num_queries(9):
        _publish(ada, many, path="/@ada/meer/")


def test_a_credited_product_leads_along_the_link_that_is_named(django_assert_num_queries):
    ada, bob, shop = make_user("Ada Vermeer"), make_user("Bob Smit"), make_shop()
    cup, bowl = make_product(shop, "Kop"), make_product(shop, "Schaal")
    found = _publish(bob, [cup], path="/@bob/koppen/")
    credited = {cup.pk: found.mentions.get().link}

    with django_assert_num_queries(9):  # as many as without
        publication = _publish(ada, [bowl, cup], credited=credited)

    links = [mention.link for mention in publication.mentions.select_related("link__publication")]
    assert [link.publication for link in links] == [publication, found]
    assert Link.objects.count() == 2

    _publish(ada, [bowl, cup], publication=publication)

    mention = publication.mentions.select_related("link__publication").get(product=cup)
    assert mention.link.publication == publication
    assert found.mentions.get().link == credited[cup.pk]


def test_a_hidden_publication_is_not_dated_before_somebody_can_see_it():
    ada = make_user("Ada Vermeer")

    publication = _publish(ada, state=PublicationState.HIDDEN)
    assert publication.published_at is None

    shown = _publish(ada, publication=publication, at=NOW + timedelta(days=2))
    assert shown.published_at == NOW + timedelta(days=2)


def test_withdraw_hides_the_publication_and_keeps_its_links():
    ada, shop = make_user("Ada Vermeer"), make_shop()
    publication = _publish(ada, [make_product(shop)])
    assert list(Publication.objects.listed()) == [publication]

    withdraw(publication=publication, at=NOW + timedelta(hours=1))

    assert list(Publication.objects.listed()) == []
    assert list(Publication.objects.visible_to(ada)) == [publication]
    assert Link.objects.get().state == LinkState.ACTIVE
    assert Publication.objects.get().changed_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize(("language", "address"), [("nl", "/@ada/tafel/"), ("en", "/en/@ada/tafel/")])
def test_the_address_of_a_publication_is_in_the_readers_language(language, address):
    publication = _publish(make_user("Ada Vermeer"), path="/@ada/tafel/")

    with translation.override(language):
        assert address_of(publication) == address
