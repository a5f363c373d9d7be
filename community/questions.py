"""Questions about products and publications, and to people; each is public where its subject is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.postgres.search import TrigramSimilarity, TrigramWordSimilarity
from django.db import transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse
from django.utils.translation import override

from advocates import publications
from advocates.letters import letter
from advocates.models import Product, Publication
from advocates.querysets import Viewer
from community.limits import SENT_TWICE, Written, count_writing, hold_writer
from community.list_pages import ListPage, page_of
from community.models import Answer, Question, Theme, User
from community.mutes import unwanted_by

PER_PAGE = 20
MOST_SIMILAR = 5
_MOST_THEMES = 3
#: How many publications of a product are asked for their themes.
_MOST_ASKED = 100
_ALIKE = 0.3


@dataclass(frozen=True, slots=True)
class Subject:
    """What a question is about: exactly one of the three."""

    product: Product | None = None
    publication: Publication | None = None
    person: User | None = None

    @property
    def filled(self) -> dict[str, Any]:
        """The one that is there, by its name."""
        named = {"product": self.product, "publication": self.publication, "person": self.person}
        return {name: thing for name, thing in named.items() if thing is not None}

    @property
    def name(self) -> str:
        thing = next(iter(self.filled.values()))
        return str(thing.name if isinstance(thing, User) else thing.title)

    @property
    def url(self) -> str:
        thing = next(iter(self.filled.values()))
        return str(thing.profile.get_absolute_url() if isinstance(thing, User) else thing.get_absolute_url())

    @property
    def ask_url(self) -> str:
        """Where a question about it is asked."""
        name, thing = next(iter(self.filled.items()))
        value = thing.profile.handle if isinstance(thing, User) else thing.pk
        return f"{reverse('community:ask')}?{urlencode({name: value})}"


@dataclass(frozen=True, slots=True)
class QuestionCard:
    """A question in a list, with how many answers this viewer will find."""

    question: Question
    subject: Subject
    answer_count: int

    @property
    def has_accepted(self) -> bool:
        return self.question.accepted_id is not None


def subject_of(question: Question) -> Subject:
    return Subject(product=question.product, publication=question.publication, person=question.person)


def questions_about(
    *,
    product: Product | None = None,
    publication: Publication | None = None,
    person: User | None = None,
    theme: Theme | None = None,
    viewer: Viewer,
    most: int,
) -> list[QuestionCard]:
    """The newest questions about one thing or theme, at most `most`, without those this viewer does not want to see.

    On the page of an unlisted or hidden publication its questions are shown to who may open that page.
    """
    if theme is not None:
        about = Question.objects.listed().filter(theme_slugs__contains=[theme.slug])
    else:
        subject = Subject(product=product, publication=publication, person=person)
        about = Question.objects.visible_to(viewer).filter(**subject.filled)
    return [_card(question) for question in _for_cards(about, viewer).order_by("-created_at", "-pk")[:most]]


def list_questions(
    *, viewer: Viewer, theme: Theme | None = None, unanswered: bool = False, number: str
) -> tuple[ListPage, list[QuestionCard]]:
    """One piece of the public questions, the newest first; on request those of a theme, or those without answers."""
    listed = Question.objects.listed()
    if theme is not None:
        listed = listed.filter(theme_slugs__contains=[theme.slug])
    rows = _for_cards(listed, viewer)
    if unanswered:
        rows = rows.filter(answer_count=0)
    page = page_of(rows.order_by("-pk"), number=number, per_page=PER_PAGE)
    return page, [_card(question) for question in page.object_list]


def cards_of(questions: Sequence[Question], *, viewer: Viewer) -> list[QuestionCard]:
    """Cards of these questions, in their order."""
    rows = _for_cards(Question.objects.filter(pk__in=[question.pk for question in questions]), viewer)
    cards = {question.pk: _card(question) for question in rows}
    return [cards[question.pk] for question in questions if question.pk in cards]


def similar_questions(*, subject: Subject, title: str, viewer: Viewer) -> list[QuestionCard]:
    """Answered questions about the same thing, those most like `title` first; without a title the newest."""
    rows = _for_cards(Question.objects.visible_to(viewer).filter(**subject.filled), viewer)
    rows = rows.filter(answer_count__gt=0)
    if title:
        likeness = Greatest(TrigramSimilarity("title", title), TrigramWordSimilarity(title, "title"))
        rows = rows.annotate(likeness=likeness).filter(likeness__gte=_ALIKE).order_by("-likeness", "-pk")
    else:
        rows = rows.order_by("-pk")
    return [_card(question) for question in rows[:MOST_SIMILAR]]


class AskedAlready(Exception):
    """The same form was sent before; `question` is what it stored."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.title)
        self.question = question


@transaction.atomic(durable=True)
def ask(
    *,
    asker: User,
    subject: Subject,
    title: str,
    text: str = "",
    language: str,
    themes: Sequence[Theme] = (),
    at: datetime,
) -> Question:
    """Store a question. It takes the themes of its subject; about a person the asker chooses them. Raises TooOften,
    AskedAlready.
    """
    hold_writer(asker)
    same = Question.objects.filter(asker=asker, title=title, text=text, **subject.filled)
    asked_before = same.filter(removed_at=None, created_at__gt=at - SENT_TWICE).first()
    if asked_before is not None:
        raise AskedAlready(asked_before)
    count_writing(user=asker, what=Written.QUESTION, at=at)
    slugs = [theme.slug for theme in themes] if subject.person else _themes_of(subject)
    question: Question = Question.objects.create(
        asker=asker,
        title=title,
        text=text,
        language=language,
        theme_slugs=slugs,
        created_at=at,
        **subject.filled,
    )
    return question


@transaction.atomic(durable=True)
def remove_question(*, question: Question, at: datetime) -> None:
    """Take a question off the site, and with it what its answers recommend."""
    if not Question.objects.filter(pk=question.pk, removed_at=None).update(removed_at=at):
        return
    for answer in question.answers.exclude(publication=None).select_related("publication"):
        publications.withdraw(publication=answer.publication, at=at)


def tell_who_is_asked(*, question: Question) -> bool:
    """Mail the person asked, or the author of the publication, in their own language; whether there was anybody to
    tell. Nobody is told of a question by somebody they muted or blocked. Runs outside of a transaction.
    """
    receiver = question.person or (question.publication.author if question.publication else None)
    if receiver is None or receiver.pk == question.asker_id or not receiver.is_active:
        return False
    if question.removed_at is not None or question.asker_id in unwanted_by(receiver):
        return False
    with override(receiver.language):
        url = f"{settings.SITE_URL}{question.get_absolute_url()}"
    context = {"question": question, "receiver": receiver, "asker": question.asker, "url": url}
    letter(name="question", to=receiver.email, language=receiver.language, context=context).send()
    return True


def _for_cards(questions: Any, viewer: Viewer) -> Any:
    unwanted = unwanted_by(viewer)
    answers = Answer.objects.shown().not_by(unwanted).filter(question=OuterRef("pk")).order_by()
    count = answers.values("question").annotate(total=Count("pk")).values("total")
    return (
        questions.not_by(unwanted)
        .annotate(answer_count=Coalesce(Subquery(count), 0))
        .select_related("asker__profile__portrait", "asker__profile__works_at")
        .select_related("product", "publication", "person__profile")
        .prefetch_related("asker__profile__portrait__renditions")
    )


def _card(question: Any) -> QuestionCard:
    return QuestionCard(
        question=question, subject=subject_of(question), answer_count=int(question.answer_count)
    )


def _themes_of(subject: Subject) -> list[str]:
    if subject.publication is not None:
        return list(subject.publication.theme_slugs)
    if subject.product is None:
        return []
    listed = Publication.objects.listed().mentioning(subject.product).order_by("-published_at", "-pk")
    found = listed.values_list("theme_slugs", flat=True)[:_MOST_ASKED]
    counted = Counter(slug for slugs in found for slug in slugs)
    return [slug for slug, _times in counted.most_common(_MOST_THEMES)]
