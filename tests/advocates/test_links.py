"""Links: made once, found however they are typed, and leading only where their shop allows."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from advocates import links
from advocates.enrolments import end_enrolment
from advocates.enums import LinkState
from advocates.links import (
    CODE_ALPHABET,
    UnableToCreateLink,
    UnableToLead,
    create_link,
    destination,
    find_link,
    link_for,
    links_by,
    links_for,
    new_code,
    reopen_link,
    restore_link,
    retire_link,
    suspend_link,
)
from advocates.models import Link, Product, Shop
from advocates.shops import allow_host
from tests.factories import (
    NOW,
    make_deal,
    make_enrolment,
    make_product,
    make_publication,
    make_shop,
    make_user,
)

pytestmark = pytest.mark.django_db

CLICK = UUID("01985a3c-1111-7222-8333-444455556666")


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def klei():
    return make_shop("Klei & Co", slug="klei")


@pytest.fixture
def ada_joined(klei):
    return make_enrolment(make_user("Ada Vermeer"), make_deal(klei)).advocate


def _link(shop, url="https://klei.example/kop", **fields):
    product = make_product(shop)
    Product.objects.filter(pk=product.pk).update(url=url)
    product.refresh_from_db()
    code = fields.pop("code", "bcdfgh23")
    return Link.objects.create(code=code, shop=shop, product=product, created_at=NOW, **fields)


def test_link_for_gives_one_link_per_publication_and_product(klei):
    ada = make_user("Ada Vermeer")
    publication, other = make_publication(ada), make_publication(ada)
    cup, bowl = make_product(klei), make_product(klei)

    link = link_for(publication=publication, product=cup, at=NOW)

    assert link_for(publication=publication, product=cup, at=NOW + timedelta(days=1)) == link
    assert (link.shop, link.product, link.publication, link.advocate) == (klei, cup, publication, None)
    codes = {
        link_for(publication=one, product=two, at=NOW).code
        for one in (publication, other)
        for two in (cup, bowl)
    }
    assert len(codes) == 4


def test_link_for_is_the_advocates_once_there_is_one(klei):
    ada = make_user("Ada Vermeer")
    publication, cup = make_publication(ada), make_product(klei)
    nobodys = link_for(publication=publication, product=cup, at=NOW)
    assert nobodys.advocate is None

    advocate = make_enrolment(ada, make_deal(klei)).advocate
    link = link_for(publication=publication, product=cup, at=NOW)

    assert (link.pk, link.advocate) == (nobodys.pk, advocate)


def test_the_database_refuses_a_second_link_for_a_mention_also_without_advocate(klei):
    publication, cup = make_publication(make_user()), make_product(klei)
    link_for(publication=publication, product=cup, at=NOW)

    with pytest.raises(IntegrityError, match="link_once_per_mention"), transaction.atomic():
        Link.objects.create(code="other234", shop=klei, publication=publication, product=cup, created_at=NOW)


def test_a_code_that_is_taken_is_drawn_again(klei, ada_joined, monkeypatch):
    """With eight codes for eight links hardly any draw is free at the first go."""
    monkeypatch.setattr(links, "CODE_ALPHABET", "23456789")
    monkeypatch.setattr(links, "CODE_LENGTH", 1)
    publication, products = make_publication(make_user()), [make_product(klei) for _number in range(4)]

    mentions = links_for(publication=publication, products=products, advocate=None, at=NOW)
    own = [create_link(advocate=ada_joined, product=product, at=NOW) for product in products]

    assert set(mentions) == {product.pk for product in products}
    assert sorted(link.code for link in [*mentions.values(), *own]) == list("23456789")


def test_codes_are_short_and_cannot_be_misread():
    codes = {new_code() for _number in range(500)}

    assert len(codes) == 500
    assert {len(code) for code in codes} == {8}
    assert set("".join(codes)) <= set(CODE_ALPHABET)
    assert not set(CODE_ALPHABET) & set("01iloaeu")
    assert CODE_ALPHABET.lower() == CODE_ALPHABET


@pytest.mark.parametrize(
    "typed",
    [
        "bcdfgh23",
        "BCDFGH23",
        "BcdFgh23).",
        "bcdfgh23/",
        "bcdfgh23,",
        "bcdfgh23”",
        " bcdfgh23 ",
        "bcdf\u200bgh23",
        "bcdfgh23\u00ad",
        "“bcdfgh23”",
        "bcdfgh23&utm_source=mail",
        "ｂｃｄｆｇｈ２３",
        "bcdfgh23>",
        "bcdfgh23…",
        "bcdfgh23%20",
        "bcdfgh23%2529",
        "bcdfgh23%E2%80%9D",
        "%20%22bcdfgh23%22",
        "bcdfgh23%25252E",
        "/go/bcdfgh23",
        "https://voorspraak.example/go/bcdfgh23",
        "https://voorspraak.example/nl/go/bcdfgh23",
        "HTTPS://VOORSPRAAK.EXAMPLE/GO/BCDFGH23.",
        "<https://voorspraak.example/go/bcdfgh23>",
        "[mijn link](https://voorspraak.example/go/bcdfgh23)",
        "https%3A%2F%2Fvoorspraak.example%2Fgo%2Fbcdfgh23",
        "https://voorspraak.example/go//bcdfgh23?utm_source=mail#top",
        "voorspraak.example/go/bcdfgh23, ",
        "Kijk hier: https://voorspraak.example/go/\u2060bcdfgh23!",
        "https://voorspraak.example/go/\nbcdfgh23",
    ],
)
def test_find_link_forgives_what_a_text_does_to_it(klei, typed):
    """Trap 29: a stray character loses nobody a sale."""
    link = _link(klei)

    assert find_link(typed) == link


@pytest.mark.parametrize(
    "typed", ["", ")", "bcdfgh24", "bcdfgh2", "\x00", "b" * 5000, "bcdfgh23a", "ü", "%", "%zz", "https://go/"]
)
def test_find_link_finds_no_other(klei, typed):
    _link(klei)

    assert find_link(typed) is None


def test_destination_adds_the_click_and_changes_nothing_else(klei):
    link = _link(klei, "https://klei.example/kop%20grijs?maat=M&x=%2F+a&&leeg=&maat=L#foto")

    assert destination(link=link, click_id=CLICK) == (
        f"https://klei.example/kop%20grijs?maat=M&x=%2F+a&&leeg=&maat=L&vp_click={CLICK}#foto"
    )


@pytest.mark.parametrize(
    ("url", "query"),
    [
        ("https://klei.example/kop?vp_click=old&a=1", f"a=1&vp_click={CLICK}"),
        ("https://klei.example/kop?a=1&vp%5Fclick=old&vp_click", f"a=1&vp_click={CLICK}"),
        ("https://klei.example/kop?", f"vp_click={CLICK}"),
        ("https://klei.example/kop?a", f"a&vp_click={CLICK}"),
    ],
)
def test_destination_replaces_a_click_that_was_there(klei, url, query):
    assert destination(link=_link(klei, url), click_id=CLICK) == f"https://klei.example/kop?{query}"


def test_destination_without_a_click_names_none(klei):
    link = _link(klei, "https://klei.example/kop?vp_click=old&a=1#foto")

    assert destination(link=link, click_id=None) == "https://klei.example/kop?a=1#foto"


def test_the_parameter_has_a_neutral_name(klei):
    """Trap 27: blockers strip the names that advertisers use."""
    stripped = {
        "gclid",
        "fbclid",
        "msclkid",
        "dclid",
        "twclid",
        "ttclid",
        "mc_eid",
        "igshid",
        "ref",
        "aff",
        "affid",
    }

    assert links.CLICK_PARAMETER not in stripped
    assert not links.CLICK_PARAMETER.startswith(("utm_", "fb_", "ga_", "hsa_", "mtm_"))


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/kop",
        "//evil.example/kop",
        "javascript:alert(1)",
        "https://klei.example@evil.example/",
        "https://klei.example\\@evil.example/",
        "https://klei.example:8443/kop",
        "https://klei.example.evil.example/kop",
    ],
)
def test_destination_leads_to_the_shops_own_hosts_alone(klei, url):
    """Trap 32, when served: whatever got into the row."""
    link = _link(klei, url)

    with pytest.raises(UnableToLead, match="Klei & Co"):
        destination(link=link, click_id=CLICK)


def test_destination_follows_the_shops_hosts_and_its_feed(klei):
    link = _link(klei)
    Shop.objects.update(allowed_hosts=["nieuweklei.example"])
    with pytest.raises(UnableToLead):
        destination(link=find_link(link.code), click_id=CLICK)

    Product.objects.update(url="https://nieuweklei.example/kop")

    assert destination(link=find_link(link.code), click_id=None) == "https://nieuweklei.example/kop"


def test_create_link_to_a_page_finds_the_shop_by_its_host(klei, ada_joined):
    make_shop("Eik")

    link = create_link(
        advocate=ada_joined,
        url=" https://WWW.klei.example/servies?kleur=grijs ",
        channel=" nieuws brief ",
        at=NOW,
    )

    assert (link.shop, link.advocate, link.product, link.channel) == (klei, ada_joined, None, "nieuws brief")
    assert link.target_url == "https://www.klei.example/servies?kleur=grijs"
    assert destination(link=link, click_id=CLICK) == f"{link.target_url}&vp_click={CLICK}"


def test_create_link_to_a_product_per_channel_gives_the_same_again(klei, ada_joined):
    cup = make_product(klei)

    first = create_link(advocate=ada_joined, product=cup, channel="nieuwsbrief", at=NOW)
    again = create_link(advocate=ada_joined, product=cup, channel="nieuwsbrief", at=NOW)
    other = create_link(advocate=ada_joined, product=cup, at=NOW)

    assert again == first
    assert other != first
    retire_link(link=first)
    assert create_link(advocate=ada_joined, product=cup, channel="nieuwsbrief", at=NOW) != first


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("", "whole web address"),
        ("klei.example/kop", "whole web address"),
        ("javascript:alert(1)", "whole web address"),
        ("https://ada@klei.example/", "whole web address"),
        ("https://evil.example/", "No shop here sells on evil.example"),
        ("https://klei.example:8443/", "No shop here sells on klei.example:8443"),
        ("https://klei.example/" + "a" * 2000, "longer than 2000"),
    ],
)
def test_create_link_leads_to_shops_alone(klei, ada_joined, url, word):
    """Trap 32, when saved: a word at the field."""
    with pytest.raises(UnableToCreateLink, match=word) as refused:
        create_link(advocate=ada_joined, url=url, at=NOW)

    assert list(refused.value.errors) == ["url"]
    assert Link.objects.count() == 0


def test_create_link_refuses_a_page_of_another_shop_than_the_one_named(klei, ada_joined):
    make_shop("Eik", slug="eik")

    with pytest.raises(UnableToCreateLink, match=r"eik\.example is not a host of Klei & Co"):
        create_link(advocate=ada_joined, url="https://eik.example/stoel", shop=klei, at=NOW)


def test_create_link_takes_the_shop_she_joined_where_two_share_a_host(klei, ada_joined):
    first = make_shop("Warenhuis", slug="warenhuis")
    second = make_shop("Keramiek in het warenhuis")
    allow_host(shop=second, host="warenhuis.example")
    make_enrolment(ada_joined.user, make_deal(second))

    link = create_link(advocate=ada_joined, url="https://warenhuis.example/kop", at=NOW)

    assert Shop.objects.filter(allowed_hosts__contains=["warenhuis.example"]).order_by("pk").first() == first
    assert link.shop == second


def test_create_link_needs_a_deal_with_the_shop(klei, ada_joined):
    end_enrolment(enrolment=ada_joined.enrolments.get(), by=ada_joined.user, at=NOW)

    with pytest.raises(UnableToCreateLink, match="no deal with Klei & Co"):
        create_link(advocate=ada_joined, product=make_product(klei), at=NOW)


def test_create_link_refuses_a_channel_that_is_too_long(klei, ada_joined):
    with pytest.raises(UnableToCreateLink) as refused:
        create_link(advocate=ada_joined, product=make_product(klei), channel="c" * 31, at=NOW)

    assert list(refused.value.errors) == ["channel"]
    assert Link._meta.get_field("channel").max_length == 30


def test_states_of_a_link(klei):
    link = _link(klei)

    assert retire_link(link=link).state == LinkState.RETIRED
    assert reopen_link(link=link).state == LinkState.ACTIVE
    assert suspend_link(link=link).state == LinkState.SUSPENDED
    assert retire_link(link=link).state == LinkState.SUSPENDED
    assert reopen_link(link=link).state == LinkState.SUSPENDED
    assert restore_link(link=link).state == LinkState.ACTIVE


def test_a_channel_written_otherwise_is_the_same_channel(klei, ada_joined):
    cup = make_product(klei)

    link = create_link(advocate=ada_joined, product=cup, channel="Instagram", at=NOW)

    assert create_link(advocate=ada_joined, product=cup, channel=" instagram ", at=NOW) == link
    assert create_link(advocate=ada_joined, product=cup, channel="newsletter", at=NOW) != link


def test_links_by_are_each_of_the_advocate_that_is_named(klei, ada_joined, django_assert_num_queries):
    bob = make_enrolment(make_user("Bob Smit"), ada_joined.enrolments.get().programme.deals.get()).advocate
    publication = make_publication(ada_joined.user)
    cup, bowl, jug = (make_product(klei, title) for title in ("Kop", "Schaal", "Kan"))
    wanted = [(cup, ada_joined), (bowl, bob), (jug, None)]

    made = links_by(publication=publication, wanted=wanted, at=NOW)
    with django_assert_num_queries(1):
        again = links_by(publication=publication, wanted=wanted, at=NOW)

    assert again == made
    assert {pk: link.advocate for pk, link in made.items()} == {
        cup.pk: ada_joined,
        bowl.pk: bob,
        jug.pk: None,
    }


def test_link_of_a_contributor_takes_nothing_that_was_the_authors(klei, ada_joined):
    """Only an author's own links become hers when she becomes an advocate."""
    noor, cup = make_user("Noor Bakker"), make_product(klei)
    publication = make_publication(noor)
    nobodys = link_for(publication=publication, product=cup, at=NOW)

    theirs = links_by(publication=publication, wanted=[(cup, ada_joined)], at=NOW)[cup.pk]

    nobodys.refresh_from_db()
    assert (nobodys.advocate, theirs.advocate) == (None, ada_joined)
