"""One product at its shop's desk: how it is made, its pictures, what is missing; and nobody else gets in."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from advocates import crafts, product_pictures
from advocates.enums import ImportState, Severity
from advocates.models import Craft, FeedImport, FeedImportError, Offer, Product, ProductPicture
from community.models import Picture
from community.pictures import store_picture
from tests.community.outside_world import camera_file
from tests.factories import NOW, make_product, make_shop, make_user

WORDS = {"maker": "Mila", "material": "Klei", "process": "Gedraaid", "repair": "Wij lijmen"}


@pytest.fixture
def shop(client, db):
    mila = make_user("Mila de Boer")
    client.force_login(mila)
    return make_shop(owner=mila)


@pytest.fixture
def cup(shop):
    return make_product(shop, "Theekop")


def url(name, product):
    with override("en"):
        return reverse(f"advocates:{name}", args=[product.shop.slug, product.pk])


def save(client, product, *, based_on=None, **words):
    sign = crafts.digest_of(crafts.craft_of(product)) if based_on is None else based_on
    return client.post(url("desk_product", product), {**words, "based_on": sign})


def stored():
    return list(Craft.objects.values_list("maker", "material", "process", "repair", "is_from_feed"))


def make_pictures(product, names):
    made = [store_picture(file=camera_file(), title=name, uploaded_by=None) for name in names]
    product.picture = made[0]
    product.save(update_fields=["picture"])
    for position, picture in enumerate(made[1:], 1):
        ProductPicture.objects.create(product=product, picture=picture, position=position)
    return made


def shown(product):
    return [
        picture.title for _url, picture in product_pictures.pictures_of(Product.objects.get(pk=product.pk))
    ]


def test_shop_says_how_it_is_made_and_buyers_read_it(client, cup):
    answer = save(client, cup, **WORDS)

    assert (answer.status_code, answer.url) == (302, url("desk_product", cup))
    assert stored() == [("Mila", "Klei", "Gedraaid", "Wij lijmen", False)]
    assert "Wij lijmen" in client.get(cup.get_absolute_url()).content.decode()


def test_what_came_from_the_feed_becomes_the_shops_own_and_emptied_goes_back(client, cup):
    Craft.objects.create(product=cup, maker="Feed", is_from_feed=True, changed_at=NOW)

    save(client, cup, maker="Feed")
    untouched = stored()
    save(client, cup, maker="Zelf")
    own = stored()
    save(client, cup)

    assert untouched == [("Feed", "", "", "", True)]
    assert own == [("Zelf", "", "", "", False)]
    assert stored() == []


def test_words_that_changed_meanwhile_are_not_wiped_out(client, cup):
    seen = crafts.digest_of(None)
    save(client, cup, maker="Eerste")

    answer = save(client, cup, based_on=seen, maker="Tweede", repair="Van mij")

    html = answer.content.decode()
    assert answer.status_code == 409
    assert stored() == [("Eerste", "", "", "", False)]
    assert answer.context["theirs"].maker == "Eerste"
    assert 'value="Tweede"' in html
    assert "Van mij" in html

    again = save(client, cup, based_on=answer.context["form"]["based_on"].value(), maker="Tweede")
    assert (again.status_code, stored()) == (302, [("Tweede", "", "", "", False)])


def test_form_opened_at_the_newest_words_is_no_conflict(client, cup):
    save(client, cup, maker="Eerste")

    page = client.get(url("desk_product", cup))

    assert page.context["form"]["based_on"].value() == crafts.digest_of(Craft.objects.get())
    assert page.context["is_conflict"] is False


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"maker": "x" * 201}, "maker"),
        ({"material": "x" * 301}, "material"),
        ({"process": "x" * 1001}, "process"),
        ({"repair": "x" * 601}, "repair"),
        ({"maker": "x\x00"}, "maker"),
        ({"based_on": "x" * 65}, "based_on"),
    ],
)
def test_words_that_do_not_fit_are_refused_at_the_field_and_kept(client, cup, words, field):
    answer = save(client, cup, **{"based_on": "", "process": "Getypt", **words})

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert stored() == []
    assert answer.context["form"]["process"].value() == words.get("process", "Getypt")


def test_pictures_are_put_in_another_order(client, cup):
    one, two, three = make_pictures(cup, ["een", "twee", "drie"])

    def move(picture, to):
        order = ",".join(str(pk) for pk in product_pictures.picture_ids(Product.objects.get()))
        return client.post(
            url("desk_product_pictures", cup), {"picture": picture.pk, "to": to, "based_on": order}
        )

    assert move(three, "first").url == f"{url('desk_product', cup)}#picture-{three.pk}"
    assert shown(cup) == ["drie", "een", "twee"]
    move(one, "down")
    assert shown(cup) == ["drie", "twee", "een"]
    move(two, "up")
    assert shown(cup) == ["twee", "drie", "een"]
    for picture, to in ((two, "up"), (one, "down")):
        move(picture, to)
    assert shown(cup) == ["twee", "drie", "een"]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"to": "up", "based_on": "999999999,1"}, 409),
        ({"to": "sideways"}, 422),
        ({"to": "up", "picture": "99999999999999999999"}, 422),
        ({"to": "up", "picture": "1\x00"}, 422),
        ({"to": "up", "based_on": "1;2"}, 422),
        ({"to": "up", "based_on": ""}, 422),
    ],
)
def test_move_that_makes_no_sense_changes_nothing(client, cup, data, status):
    _one, two = make_pictures(cup, ["een", "twee"])
    order = ",".join(str(pk) for pk in product_pictures.picture_ids(Product.objects.get()))

    answer = client.post(url("desk_product_pictures", cup), {"picture": two.pk, "based_on": order, **data})

    assert (answer.status_code, answer.context["picture_problem"] != "") == (status, True)
    assert shown(cup) == ["een", "twee"]


def test_picture_that_could_not_be_fetched_is_told_while_it_is_waited_for(client, cup):
    feed_import = FeedImport.objects.create(
        shop=cup.shop, file_name="feed.csv", state=ImportState.DONE, started_at=NOW
    )
    for external_id, reason in (
        (cup.external_id, "De server van de winkel zei 404."),
        ("P-ander", "Van een ander."),
    ):
        FeedImportError.objects.create(
            feed_import=feed_import,
            severity=Severity.WARNING,
            line=0,
            external_id=external_id,
            field="image_link",
            reason=reason,
        )

    def problems():
        return client.get(url("desk_product", cup)).context["problems"]

    assert problems() == []
    Product.objects.update(pictures_due_at=NOW)
    assert problems() == ["De server van de winkel zei 404."]


def test_what_is_missing_is_listed_and_ends(client, cup, settings):
    def gaps():
        return [gap.what for gap in client.get(url("desk_product", cup)).context["gaps"]]

    Offer.objects.update(checked_at=timezone.now() - timedelta(days=settings.PRICE_KNOWN_DAYS + 1))
    assert gaps() == [
        "a picture",
        "a price that was checked lately",
        "a description of a few sentences",
        "who makes it",
        "what it is made of",
        "how it is kept and repaired",
        "how it is made",
        "a category",
        "a brand",
        "a GTIN, if it has one",
    ]

    Offer.objects.update(checked_at=timezone.now())
    Product.objects.update(description="x" * 200, category="Thee", brand="Klei", gtin="4006381333931")
    save(client, cup, **WORDS)
    make_pictures(Product.objects.get(), ["een"])
    assert gaps() == ["a second picture, from another side or in use"]

    ProductPicture.objects.create(
        product=cup, picture=Picture.objects.get(), position=1, source_url="https://x.example/"
    )
    assert gaps() == []


def test_nobody_else_gets_in(client, cup):
    make_pictures(cup, ["een", "twee"])
    addresses = [url("desk_product", cup), url("desk_product_pictures", cup)]
    with override("en"):
        elsewhere = reverse("advocates:desk_product", args=[make_shop("Hout").slug, cup.pk])
        nowhere = reverse("advocates:desk_product", args=[cup.shop.slug, 10**30])

    assert [client.get(address).status_code for address in (elsewhere, nowhere)] == [404, 404]
    client.force_login(make_user("Eve Stil"))
    assert [client.post(address, WORDS).status_code for address in addresses] == [404, 404]
    assert client.get(addresses[0]).status_code == 404
    client.logout()
    assert [client.post(address, WORDS).status_code for address in addresses] == [302, 302]
    assert client.get(addresses[0]).url.startswith("/en/account/login/")
    assert stored() == []


@pytest.mark.parametrize("number", [1, 3])
def test_page_takes_the_same_number_of_queries(client, cup, django_assert_num_queries, number):
    make_pictures(cup, [f"foto{one}" for one in range(number + 1)])
    client.get(url("desk_product", cup))

    with django_assert_num_queries(9):
        client.get(url("desk_product", cup))
