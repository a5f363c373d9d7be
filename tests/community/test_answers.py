"""Answers: what they say of who gives them, what they mention, and where that may be found."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from advocates.enums import PublicationKind, PublicationState, Relation, TouchKind
from advocates.models import Link, Publication, Touch
from advocates.touches import new_visitor_key
from community import boards
from community.answers import (
    UnableToAnswer,
    accept_answer,
    answers_to,
    change_answer,
    follow_publication,
    remove_answer,
)
from community.models import Answer, Block, Mute
from community.questions import remove_question
from tests.community.talk import make_answer, make_question
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


@pytest.fixture
def ada():
    return make_user("Ada Vermeer", handle="ada", role="expert")


@pytest.fixture
def bob():
    return make_user("Bob Jansen", handle="bob")


@pytest.fixture
def eve():
    return make_user("Eve Stil", handle="eve")


@pytest.fixture
def shop():
    return make_shop()


@pytest.fixture
def cup(shop):
    return make_product(shop)


@pytest.fixture
def question(bob, cup):
    return make_question(bob, product=cup)


def _new(question):
    return reverse("community:answer_new", args=[question.pk])


def _edit(answer, name="answer_edit"):
    return reverse(f"community:{name}", args=[answer.pk])


def test_answer_without_products_is_no_publication(client, question, ada):
    client.force_login(ada)

    answer = client.post(_new(question), {"text": "Ja.\n\nOp de bovenste plank."})

    stored = Answer.objects.get()
    assert (stored.author, stored.text, stored.publication) == (ada, "Ja.\n\nOp de bovenste plank.", None)
    assert answer.url == f"{question.get_absolute_url()}#answer-{stored.pk}"
    page = client.get(question.get_absolute_url()).content.decode()
    assert "<p>Ja.</p>" in page
    assert "<p>Op de bovenste plank.</p>" in page
    assert not Publication.objects.exists()


def test_answer_that_mentions_products_is_a_publication_with_its_own_links(client, question, ada, shop):
    make_enrolment(ada, make_deal(shop))
    plate, bowl = make_product(shop, "Bord"), make_product(shop, "Kom")
    question.theme_slugs = ["tafelen"]
    question.save()
    client.force_login(ada)

    client.post(
        _new(question),
        {"text": "Neem deze.", "products": [bowl.pk, plate.pk], "relation": "bought"},
    )

    answer = Answer.objects.get()
    publication = answer.publication
    assert (
        publication.kind,
        publication.author,
        publication.title,
        publication.path,
        publication.state,
        publication.theme_slugs,
        publication.relation,
    ) == (
        PublicationKind.ANSWER,
        ada,
        f"Answer to: {question.title}",
        f"{question.get_absolute_url()}#answer-{answer.pk}",
        PublicationState.PUBLIC,
        ["tafelen"],
        Relation.BOUGHT,
    )
    mentions = list(publication.mentions.order_by("position"))
    assert [mention.product for mention in mentions] == [bowl, plate]
    assert {mention.link.advocate.user for mention in mentions} == {ada}


def test_label_stands_before_the_first_link_of_an_answer(client, question, ada, shop, cup):
    make_enrolment(ada, make_deal(shop))
    answer = make_answer(question, ada, products=[cup])
    link = Link.objects.get(publication=answer.publication)

    page = client.get("/en" + question.get_absolute_url()).content.decode().partition("<main")[2]

    label = "Ada Vermeer earns a share when you buy at Klei &amp; Co."
    buying = re.search(rf'<a[^>]*href="{re.escape(link.get_absolute_url())}"[^>]*>', page)
    assert page.index(label) < page.index("Ja, op de bovenste plank.") < buying.start()
    assert 'rel="sponsored nofollow noopener"' in buying[0]


def test_answer_published_in_english_keeps_an_address_without_language(client, question, ada, cup):
    client.force_login(ada)

    client.post("/en" + _new(question), {"text": "Yes.", "products": [cup.pk]})

    assert Publication.objects.get().path.startswith(f"/questions/{question.pk}-")


def test_role_and_shop_of_who_answers_are_always_shown(client, question, shop, ada):
    mila = shop.memberships.get().user
    kim = make_user("Kim Bos", role="employee")
    kim.profile.works_at = make_shop("De Draaibank")
    kim.profile.save()
    for author in (ada, kim, mila):
        make_answer(question, author)

    cards = answers_to(question=question, viewer=ada, at=NOW)
    page = client.get("/en" + question.get_absolute_url()).content.decode()

    assert [card.works_at for card in cards] == ["", "De Draaibank", "Klei & Co"]
    articles = re.findall(r'<article class="answer".*?</article>', page, re.DOTALL)
    assert ["Expert" in article for article in articles] == [True, False, False]
    assert ["works at De Draaibank" in article for article in articles] == [False, True, False]
    assert ["works at Klei &amp; Co" in article for article in articles] == [False, False, True]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", ""),
        ("text", "\u200b"),
        ("text", "a" * 5001),
        ("products", ["x"]),
        ("products", ["0"]),
        ("products", ["9" * 40]),
        ("products", ["\x00"]),
        ("relation", "rich"),
    ],
)
def test_bad_field_is_refused_and_what_was_typed_is_kept(client, question, ada, field, value):
    client.force_login(ada)
    typed = {"text": "Ja.", "relation": "bought", field: value}

    page = client.post(_new(question), typed)

    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert page.context["form"]["text"].value() == typed["text"]
    assert not Answer.objects.exists()


def test_seventh_product_is_refused(client, question, ada, shop):
    products = [make_product(shop, f"Kop {number}") for number in range(7)]
    client.force_login(ada)

    page = client.post(_new(question), {"text": "Deze.", "products": [product.pk for product in products]})

    assert page.status_code == 422
    assert list(page.context["form"].errors) == ["products"]
    assert page.context["chosen"] == products


def test_choosing_products_keeps_the_text_and_stores_nothing(client, question, ada, shop):
    bowl = make_product(shop, "Kom van steengoed")
    client.force_login(ada)
    typed = {"text": "Neem deze kom.", "relation": "received", "q": "steengoed"}

    searched = client.post(_new(question), {**typed, "search": "1"})
    picked = client.post(_new(question), {**typed, "pick": bowl.pk})
    again = client.post(_new(question), {**typed, "products": [bowl.pk], "pick": bowl.pk})
    dropped = client.post(_new(question), {**typed, "products": [bowl.pk], "drop": bowl.pk})

    assert searched.context["found"] == [bowl]
    assert [page.context["chosen"] for page in (searched, picked, again, dropped)] == [[], [bowl], [bowl], []]
    for page in (searched, picked, again, dropped):
        assert page.status_code == 200
        assert page.context["form"]["text"].value() == "Neem deze kom."
        assert page.context["form"]["relation"].value() == "received"
    assert f'name="products" value="{bowl.pk}"' in picked.content.decode()
    assert not Answer.objects.exists()


def test_seventh_choice_is_refused_with_words(client, question, ada, shop):
    products = [make_product(shop, f"Kop {number}") for number in range(7)]
    client.force_login(ada)

    page = client.post(
        _new(question),
        {"text": "", "products": [product.pk for product in products[:6]], "pick": products[6].pk},
    )

    assert page.context["chosen"] == products[:6]
    assert page.context["problem"]


@pytest.mark.parametrize("pick", ["x", "9" * 60, "\x00", "-1"])
def test_strange_choice_is_no_server_error(client, question, ada, pick):
    client.force_login(ada)

    page = client.post(_new(question), {"text": "Ja.", "pick": pick})

    assert (page.status_code, page.context["chosen"]) == (200, [])


@pytest.mark.parametrize(("target", "part"), [("found", 'id="answer-search"'), ("answer-products", "<form")])
def test_script_gets_the_part_that_changes_alone(client, question, eve, target, part):
    make_product(question.product.shop, "Kom van steengoed")
    client.force_login(eve)

    page = client.post(
        _new(question),
        {"text": "Ja.", "q": "steengoed", "search": "1"},
        headers={"HX-Request": "true", "HX-Target": target},
    ).content.decode()

    assert "Kom van steengoed" in page
    assert part not in page
    assert "<html" not in page


def test_change_follows_into_the_publication(client, question, ada, shop, cup):
    bowl = make_product(shop, "Kom")
    answer = make_answer(question, ada, products=[cup])
    client.force_login(ada)
    assert client.get(_edit(answer)).context["chosen"] == [cup]

    client.post(_edit(answer), {"text": "Toch deze.", "products": [bowl.pk], "relation": "received"})

    answer.refresh_from_db()
    publication = answer.publication
    assert (answer.text, answer.edited_at is None) == ("Toch deze.", False)
    assert [mention.product for mention in publication.mentions.all()] == [bowl]
    assert (publication.summary, publication.relation) == ("Toch deze.", Relation.RECEIVED)
    assert "Changed on" in client.get("/en" + question.get_absolute_url()).content.decode()


def test_answer_that_mentions_nothing_any_more_is_withdrawn_and_comes_back(question, ada, cup):
    answer = make_answer(question, ada, products=[cup])
    states = []
    for products in ([], [cup]):
        change_answer(answer=answer, text="Ja.", products=products, relation=Relation.NONE, at=NOW)
        answer.publication.refresh_from_db()
        states.append((answer.publication.state, answer.publication.mentions.count()))

    assert states == [(PublicationState.HIDDEN, 0), (PublicationState.PUBLIC, 1)]


@pytest.mark.parametrize("name", ["answer_edit", "answer_remove"])
def test_eve_neither_changes_nor_removes_what_ada_answered(client, question, ada, eve, name):
    answer = make_answer(question, ada)
    client.force_login(eve)

    assert client.get(_edit(answer, name)).status_code == 404
    assert client.post(_edit(answer, name), {"text": "x"}).status_code == 404
    answer.refresh_from_db()
    assert (answer.text, answer.removed_at) == ("Ja, op de bovenste plank.", None)


def test_removed_answer_is_gone_and_what_it_mentions_withdrawn(client, question, ada, cup):
    answer = make_answer(question, ada, products=[cup])
    accept_answer(answer=answer)
    client.force_login(ada)
    assert client.get(_edit(answer, "answer_remove")).status_code == 200

    client.post(_edit(answer, "answer_remove"))

    answer.refresh_from_db()
    question.refresh_from_db()
    assert (answer.text, answer.publication.state, question.accepted) == ("", PublicationState.HIDDEN, None)
    assert client.get(question.get_absolute_url()).context["answers"] == []
    for name in ("answer_edit", "answer_remove"):
        assert client.post(_edit(answer, name), {"text": "x"}).status_code == 404
    with pytest.raises(UnableToAnswer):
        change_answer(answer=answer, text="Terug", products=[], relation=Relation.NONE, at=NOW)
    with pytest.raises(UnableToAnswer):
        accept_answer(answer=answer)


def test_asker_accepts_one_answer_and_may_take_that_back(client, question, ada, bob, eve):
    first = make_answer(question, ada, "Eerste")
    second = make_answer(question, eve, "Tweede", at=NOW + timedelta(hours=1))
    client.force_login(bob)

    def order():
        cards = client.get(question.get_absolute_url()).context["answers"]
        return [(card.answer.text, card.is_accepted) for card in cards]

    client.post(_edit(second, "answer_accept"))
    accepted = order()
    client.post(_edit(first, "answer_accept"))
    moved = order()
    client.post(_edit(second, "answer_accept"), {"undo": "1"})
    same = order()
    client.post(_edit(first, "answer_accept"), {"undo": "1"})

    assert accepted == [("Tweede", True), ("Eerste", False)]
    assert moved == same == [("Eerste", True), ("Tweede", False)]
    assert order() == [("Eerste", False), ("Tweede", False)]


def test_only_the_asker_accepts(client, question, ada, eve):
    answer = make_answer(question, ada)

    for person in (ada, eve):
        client.force_login(person)
        assert client.post(_edit(answer, "answer_accept")).status_code == 404
    question.refresh_from_db()
    assert question.accepted is None


def test_answers_are_found_exactly_where_their_board_is(ada, bob, eve, cup):
    board = boards.create_board(owner=ada, title="Tafel", at=NOW)
    boards.add_product(board=board, product=cup, by=ada, at=NOW)
    boards.publish_board(board=board, state=PublicationState.PUBLIC, at=NOW)
    question = make_question(bob, publication=board.publication)
    answer = make_answer(question, eve, products=[cup])
    seen = {}
    for state in (
        PublicationState.UNLISTED,
        PublicationState.HIDDEN,
        PublicationState.PUBLIC,
    ):
        boards.publish_board(board=board, state=state, at=NOW)
        answer.publication.refresh_from_db()
        seen[state] = answer.publication.state
    boards.delete_board(board=board, at=NOW)
    answer.publication.refresh_from_db()

    assert seen == {state: state for state in seen}
    assert answer.publication.state == PublicationState.HIDDEN


def test_same_answer_sent_twice_is_one_answer(ada, bob, cup):
    question = make_question(bob, product=cup)

    first = make_answer(question, ada, "Ja.", products=[cup])
    again = make_answer(question, ada, "Ja.", products=[cup])

    assert again == first
    assert (Answer.objects.count(), Publication.objects.count()) == (1, 1)


def test_removed_answers_stay_hidden_when_their_board_is_shown_again(ada, bob, eve, cup):
    board = make_publication(ada)
    question = make_question(bob, publication=board)
    answer = make_answer(question, eve, products=[cup])
    remove_answer(answer=answer, at=NOW)

    follow_publication(publication=board, at=NOW)

    answer.publication.refresh_from_db()
    assert answer.publication.state == PublicationState.HIDDEN


def test_answers_go_with_a_removed_question(client, question, ada, cup):
    answer = make_answer(question, ada, products=[cup])

    remove_question(question=question, at=NOW)

    answer.publication.refresh_from_db()
    assert answer.publication.state == PublicationState.HIDDEN
    with pytest.raises(UnableToAnswer):
        make_answer(question, ada)
    client.force_login(ada)
    assert client.get(_new(question)).status_code == 404


def test_answer_to_a_hidden_board_is_nowhere(client, ada, bob, eve, cup):
    board = make_publication(ada, state=PublicationState.HIDDEN, published_at=None)
    question = make_question(ada, publication=board)
    answer = make_answer(question, ada, products=[cup])
    client.force_login(eve)

    assert answer.publication.state == PublicationState.HIDDEN
    assert client.get(question.get_absolute_url()).status_code == 404
    assert client.post(_new(question), {"text": "Hoi"}).status_code == 404


def test_nobody_answers_over_a_block(client, question, bob, eve):
    Block.objects.create(user=eve, blocked=bob, created_at=NOW)
    client.force_login(eve)

    assert client.post(_new(question), {"text": "Hoi"}).status_code == 404
    assert not Answer.objects.exists()


def test_muted_answers_are_left_out_for_who_muted_alone(question, ada, bob, eve):
    make_answer(question, eve, "Van Eve")
    make_answer(question, ada, "Van Ada")
    Mute.objects.create(user=bob, muted=eve, created_at=NOW)

    def texts(viewer):
        return [card.answer.text for card in answers_to(question=question, viewer=viewer, at=NOW)]

    assert texts(bob) == ["Van Ada"]
    assert texts(ada) == ["Van Eve", "Van Ada"]


def test_anonymous_visitor_is_asked_to_log_in(client, question, ada):
    answer = make_answer(question, ada)

    for url in (
        _new(question),
        _edit(answer),
        _edit(answer, "answer_remove"),
        _edit(answer, "answer_accept"),
    ):
        reply = client.post(url, {"text": "x"})
        assert reply.status_code == 302
        assert reply.url.startswith(reverse("account_login"))
    assert Answer.objects.get().text == "Ja, op de bovenste plank."


def test_after_thirty_in_an_hour_one_waits_and_keeps_the_text(client, question, ada):
    for number in range(30):
        make_answer(question, ada, f"{number}", at=timezone.now())
    client.force_login(ada)

    page = client.post(_new(question), {"text": "Nog een"})

    assert page.status_code == 429
    assert page.context["form"]["text"].value() == "Nog een"
    assert Answer.objects.count() == 30


def test_reading_a_recommendation_is_a_touch(client, question, ada, eve, cup):
    answer = make_answer(question, ada, products=[cup])
    make_answer(question, eve, "Weet ik niet.")
    client.cookies["vp_visitor"] = str(new_visitor_key())

    client.get(question.get_absolute_url(), headers={"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140"})

    touch = Touch.objects.get()
    assert (touch.kind, touch.publication) == (TouchKind.VIEW, answer.publication)


@pytest.mark.parametrize("is_known", [False, True])
def test_queries_of_a_question_do_not_grow_with_its_answers(client, question, bob, shop, is_known):
    if is_known:
        client.force_login(bob)
    counts = []
    browser = {"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140"}
    for names in (["Een"], ["Twee", "Drie"]):
        for name in names:
            products = [make_product(shop, f"{name} {number}") for number in range(2)]
            make_answer(question, make_user(name), products=products)
        client.get(question.get_absolute_url())
        # Somebody new, so that each view of an answer is stored.
        client.cookies["vp_visitor"] = str(new_visitor_key())
        with CaptureQueriesContext(connection) as queries:
            client.get(question.get_absolute_url(), headers=browser)
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert Touch.objects.count() == 1 + 3
