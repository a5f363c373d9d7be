"""Questions: asking, finding, and who is told."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from advocates.enums import PublicationKind, PublicationState, Relation
from advocates.publications import publish
from community.models import Block, Mute, Question, Theme
from community.questions import Subject, questions_about, remove_question, similar_questions
from tests.community.talk import make_answer, make_question
from tests.factories import NOW, make_product, make_publication, make_shop, make_user

pytestmark = pytest.mark.django_db

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>",
    '<a href="javascript:alert(1)">kijk</a>',
    "</title><script>alert(1)</script>",
]
TYPED = {"title": "Kan hij in de oven?", "text": "Tot 200 graden.", "language": "nl"}


@pytest.fixture
def ada():
    return make_user("Ada Vermeer", handle="ada")


@pytest.fixture
def bob():
    return make_user("Bob Jansen", handle="bob")


@pytest.fixture
def eve():
    return make_user("Eve Stil", handle="eve")


@pytest.fixture
def cup():
    return make_product(make_shop())


def _ask(**subject):
    [(kind, value)] = subject.items()
    return f"{reverse('community:ask')}?{kind}={value}"


def _titles(cards):
    return [card.question.title for card in cards]


def test_question_about_a_product_is_asked_and_shown(client, cup, bob):
    client.force_login(bob)
    assert cup.title in client.get(_ask(product=cup.pk)).content.decode()

    answer = client.post(_ask(product=cup.pk), TYPED)

    question = Question.objects.get()
    assert (question.asker, question.product, question.title, question.text, question.language) == (
        bob,
        cup,
        "Kan hij in de oven?",
        "Tot 200 graden.",
        "nl",
    )
    assert answer.url == question.get_absolute_url()
    page = client.get(answer.url).content.decode()
    assert "Kan hij in de oven?" in page
    assert "Bob Jansen" in page
    assert cup.title in page
    assert mail.outbox == []


def test_person_asked_is_told_in_her_own_language(client, ada, bob):
    ada.language = "en"
    ada.save()
    client.force_login(bob)

    client.post(_ask(person="ada"), TYPED)

    [letter] = mail.outbox
    question = Question.objects.get()
    assert question.person == ada
    assert letter.to == [ada.email]
    assert letter.subject == "Bob Jansen has a question for you"
    assert "Kan hij in de oven?" in letter.body
    assert f"http://localhost:8000/en/questions/{question.pk}-kan-hij-in-de-oven/" in letter.body


def test_author_of_a_board_is_told_of_a_question_about_it(client, ada, bob):
    board = make_publication(ada, "Een tafel & acht", theme_slugs=["tafelen"])
    client.force_login(bob)

    client.post(_ask(publication=board.pk), {**TYPED, "text": "<b>Echt?</b>"})

    [letter] = mail.outbox
    assert letter.to == [ada.email]
    assert "“Een tafel & acht”" in letter.body
    assert "<b>Echt?</b>" in letter.body
    [(html, _kind)] = letter.alternatives
    assert "<b>Echt?</b>" not in html
    assert Question.objects.get().theme_slugs == ["tafelen"]


@pytest.mark.parametrize("model", [Mute, Block])
def test_nobody_is_told_by_somebody_they_put_aside(client, ada, bob, model):
    other = "muted" if model is Mute else "blocked"
    model.objects.create(user=ada, **{other: bob}, created_at=NOW)
    client.force_login(bob)

    status = client.post(_ask(person="ada"), TYPED).status_code

    assert status == (302 if model is Mute else 404)
    assert mail.outbox == []


def test_asking_about_an_own_board_mails_nobody(client, ada):
    board = make_publication(ada)
    client.force_login(ada)

    client.post(_ask(publication=board.pk), TYPED)

    assert Question.objects.count() == 1
    assert mail.outbox == []


def test_line_breaks_of_a_title_never_reach_the_mail(client, ada, bob):
    bob.name = "Bob\r\nBcc: eve@example.com"
    bob.save()
    client.force_login(bob)

    client.post(_ask(person="ada"), {**TYPED, "title": "Eén\r\nBcc: eve@example.com"})

    assert Question.objects.get().title == "Eén Bcc: eve@example.com"
    [letter] = mail.outbox
    assert letter.recipients() == [ada.email]
    assert "\n" not in letter.subject


def test_themes_of_a_product_are_those_of_what_mentions_it(client, ada, bob, cup):
    for number, themes in enumerate((["tafelen"], ["tafelen", "keuken"])):
        _mention(ada, cup, themes, path=f"/@ada/{number}/", state=PublicationState.PUBLIC)
    _mention(ada, cup, ["geheim"], path="/@ada/geheim/", state=PublicationState.HIDDEN)

    assert make_question(bob, product=cup).theme_slugs == ["tafelen", "keuken"]


def test_asker_of_a_person_chooses_the_themes(client, ada, bob):
    Theme.objects.all().delete()
    theme = Theme.objects.create(slug="koffie", name_nl="Koffie", name_en="Coffee")
    client.force_login(bob)

    client.post(_ask(person="ada"), {**TYPED, "themes": [theme.pk]})

    assert Question.objects.get().theme_slugs == ["koffie"]


def _mention(author, product, themes, *, path, state):
    return publish(
        publication=None,
        author=author,
        kind=PublicationKind.BOARD,
        title="Een bord",
        summary="",
        path=path,
        cover=None,
        language="nl",
        theme_slugs=themes,
        state=state,
        relation=Relation.NONE,
        products=[product],
        at=NOW,
    )


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?product=",
        "?product=x",
        "?product=" + "9" * 40,
        "?product=0",
        "?product=%00",
        "?publication=-1",
        "?person=nobody",
        "?person=%00",
        "?person=bob",
        "?product=1&person=ada",
    ],
)
def test_unknown_subject_is_not_there(client, ada, bob, query):
    client.force_login(bob)
    url = f"{reverse('community:ask')}{query}"

    assert client.get(url).status_code == 404
    assert client.post(url, TYPED).status_code == 404
    assert not Question.objects.exists()


def test_nothing_is_asked_about_a_hidden_board_or_an_answer(client, ada, eve):
    hidden = make_publication(ada, state=PublicationState.HIDDEN, published_at=None)
    answer = make_publication(ada, kind=PublicationKind.ANSWER)
    client.force_login(eve)

    for publication in (hidden, answer):
        assert client.post(_ask(publication=publication.pk), TYPED).status_code == 404
    assert not Question.objects.exists()


def test_anonymous_visitor_is_asked_to_log_in_and_comes_back(client, cup):
    answer = client.get(_ask(product=cup.pk))

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))
    assert f"product%3D{cup.pk}" in answer.url


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "\u200b \x00"),
        ("title", "a" * 151),
        ("text", "a" * 2001),
        ("language", "xx"),
        ("language", ""),
    ],
)
def test_bad_field_is_refused_and_what_was_typed_is_kept(client, cup, bob, field, value):
    client.force_login(bob)

    page = client.post(_ask(product=cup.pk), {**TYPED, field: value})

    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    other = "text" if field != "text" else "title"
    assert page.context["form"][other].value() == TYPED[other]
    assert not Question.objects.exists()


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("where", ["question", "list", "ask"])
def test_hostile_text_is_shown_as_text(client, cup, bob, text, where):
    question = make_question(bob, product=cup, title=text, text=text)
    make_answer(question, bob, text)
    client.force_login(bob)
    url = {
        "question": question.get_absolute_url(),
        "list": reverse("community:questions"),
        "ask": _ask(product=cup.pk),
    }[where]

    page = client.get(url).content.decode()

    assert text not in page
    assert "&lt;" in page


def test_similar_answered_questions_of_the_same_thing_are_suggested(client, cup, bob, ada):
    answered = make_question(bob, product=cup, title="Kan deze kop in de vaatwasser?")
    make_answer(answered, ada)
    make_question(bob, product=cup, title="Mag de kop ook in de vaatwasser?")
    elsewhere = make_question(bob, product=make_product(cup.shop), title="Kan dit in de vaatwasser?")
    make_answer(elsewhere, ada)
    other = make_question(bob, product=cup, title="Hoe hoog is hij?")
    make_answer(other, ada)
    client.force_login(bob)

    page = client.get(
        _ask(product=cup.pk) + "&title=vaatwaser", headers={"HX-Request": "true", "HX-Target": "similar"}
    )

    assert _titles(page.context["similar"]) == ["Kan deze kop in de vaatwasser?"]
    assert "<html" not in page.content.decode()
    assert _titles(similar_questions(subject=Subject(product=cup), title="", viewer=bob)) == [
        "Hoe hoog is hij?",
        "Kan deze kop in de vaatwasser?",
    ]


def test_form_sent_twice_is_one_question_and_one_mail(client, ada, bob):
    client.force_login(bob)

    first = client.post(_ask(person="ada"), TYPED)
    again = client.post(_ask(person="ada"), TYPED)

    assert (again.status_code, again["Location"]) == (302, first["Location"])
    assert (Question.objects.count(), len(mail.outbox)) == (1, 1)


def test_after_ten_in_an_hour_one_waits_and_keeps_the_text(client, cup, bob):
    for number in range(10):
        make_question(bob, product=cup, title=f"{number}?", at=timezone.now())
    client.force_login(bob)

    page = client.post(_ask(product=cup.pk), TYPED)

    assert page.status_code == 429
    assert page.context["form"].non_field_errors()
    assert page.context["form"]["title"].value() == TYPED["title"]
    assert Question.objects.count() == 10


def test_an_hour_later_one_may_go_on(cup, bob):
    for number in range(10):
        make_question(bob, product=cup, title=f"{number}?")

    make_question(bob, product=cup, at=NOW + timedelta(hours=1))

    assert Question.objects.count() == 11


def test_question_is_found_where_its_board_is(client, ada, bob, eve):
    board = make_publication(ada, theme_slugs=["tafelen"])
    Theme.objects.get_or_create(slug="tafelen", defaults={"name_nl": "Tafelen", "name_en": "Dining"})
    question = make_question(bob, publication=board)
    theme = Theme.objects.get(slug="tafelen")

    def found():
        listed = client.get(reverse("community:questions")).context["questions"]
        by_theme = questions_about(theme=theme, viewer=eve, most=5)
        here = questions_about(publication=board, viewer=eve, most=5)
        opened = client.get(question.get_absolute_url()).status_code
        return len(listed), len(by_theme), len(here), opened

    client.force_login(eve)
    seen = {}
    for state in PublicationState:
        board.state = state
        board.save()
        seen[state] = found()

    assert seen == {
        PublicationState.PUBLIC: (1, 1, 1, 200),
        PublicationState.UNLISTED: (0, 0, 1, 200),
        PublicationState.HIDDEN: (0, 0, 0, 404),
    }
    assert _titles(questions_about(publication=board, viewer=ada, most=5)) == [question.title]


def test_list_by_theme_and_of_what_waits(client, ada, bob, cup):
    Theme.objects.get_or_create(slug="koffie", defaults={"name_nl": "Koffie", "name_en": "Coffee"})
    koffie = Theme.objects.get(slug="koffie")
    make_answer(make_question(bob, person=ada, title="Beantwoord?", themes=[koffie]), ada)
    make_question(bob, person=ada, title="Open?", themes=[koffie])
    make_question(bob, product=cup, title="Elders?")
    url = reverse("community:questions")

    def shown(**query):
        return _titles(client.get(url, query).context["questions"])

    assert shown() == ["Elders?", "Open?", "Beantwoord?"]
    assert shown(theme="koffie") == ["Open?", "Beantwoord?"]
    assert shown(theme="koffie", unanswered="1") == ["Open?"]
    assert shown(unanswered="1") == ["Elders?", "Open?"]
    assert shown(theme="\x00") == shown()


def test_list_comes_a_piece_at_a_time_and_is_never_counted(client, ada, bob):
    Question.objects.bulk_create(
        Question(asker=bob, person=ada, title=f"Vraag {number}", language="nl", created_at=NOW)
        for number in range(21)
    )
    url = reverse("community:questions")

    with CaptureQueriesContext(connection) as queries:
        first = client.get(url)
    second = client.get(url, {"page": "2"})

    assert len(first.context["questions"]) == 20
    assert _titles(second.context["questions"]) == ["Vraag 0"]
    counts = [query["sql"] for query in queries if query["sql"].startswith("SELECT COUNT")]
    assert counts == []


def test_address_with_another_slug_leads_on(client, cup, bob):
    question = make_question(bob, product=cup)

    answer = client.get(reverse("community:question", args=[question.pk, "anders"]))

    assert (answer.status_code, answer.url) == (301, question.get_absolute_url())
    assert client.get(f"/questions/{'9' * 40}-x/").status_code == 404


def test_asker_removes_a_question_and_nobody_else_does(client, cup, bob, eve):
    question = make_question(bob, product=cup)
    url = reverse("community:question_remove", args=[question.pk])
    client.force_login(eve)
    assert client.post(url).status_code == 404
    client.force_login(bob)
    assert client.get(url).status_code == 200

    client.post(url)

    assert client.get(question.get_absolute_url()).status_code == 404
    assert client.get(reverse("community:questions")).context["questions"] == []


def test_removed_question_is_told_to_nobody(client, ada, bob):
    from community.talk_tasks import tell_of_question

    question = make_question(bob, person=ada)
    remove_question(question=question, at=NOW)

    tell_of_question.enqueue(question.pk)

    assert mail.outbox == []


def test_nobody_asks_or_reads_over_a_block(client, ada, bob, eve):
    board = make_publication(ada)
    about_board = make_question(eve, publication=board)
    to_ada = make_question(eve, person=ada)
    by_ada = make_question(ada, person=eve)
    Block.objects.create(user=ada, blocked=bob, created_at=NOW)
    client.force_login(bob)

    assert client.post(_ask(person="ada"), TYPED).status_code == 404
    assert client.post(_ask(publication=board.pk), TYPED).status_code == 404
    for question in (about_board, to_ada, by_ada):
        assert client.get(question.get_absolute_url()).status_code == 404
        assert client.get(reverse("community:answer_new", args=[question.pk])).status_code == 404
    assert client.get(reverse("community:questions")).context["questions"] == []
    client.force_login(eve)
    assert len(client.get(reverse("community:questions")).context["questions"]) == 3


def test_anonymous_page_of_a_question_is_the_same_for_everybody(client, cup, bob):
    question = make_question(bob, product=cup)

    page = client.get(question.get_absolute_url()).content.decode()

    assert "csrf" not in page
    assert reverse("community:answer_new", args=[question.pk]) in page


def test_queries_of_the_list_do_not_grow(client, ada, bob):
    client.force_login(ada)
    counts = []
    for names in (["Een"], ["Twee", "Drie"]):
        for name in names:
            asker = make_user(name)
            make_answer(make_question(asker, person=ada, title=f"{name}?"), make_user(f"Re {name}"))
            make_question(asker, publication=make_publication(bob), title=f"{name} bord?")
            make_question(asker, product=make_product(make_shop(f"Winkel {name}")), title=f"{name} kop?")
        client.get(reverse("community:questions"))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("community:questions"))
        counts.append(len(queries))

    assert counts[0] == counts[1]
