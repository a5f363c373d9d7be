"""Answers to questions. One that mentions products is a publication too, with its links and its disclosure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import override

from advocates import publications
from advocates.disclosure import Disclosure, disclosures_of
from advocates.enums import PublicationKind, PublicationState, Relation
from advocates.models import Mention, Product, Publication, ShopMember
from advocates.querysets import Viewer
from community.limits import SENT_TWICE, Written, count_writing
from community.models import Answer, Question, User
from community.mutes import unwanted_by
from community.product_cards import ProductCard, card_of

MOST_PRODUCTS = 6
#: All answers stand on one page, so that each can be pointed at.
MOST_ANSWERS = 100
_LONGEST_TITLE = 150
_LONGEST_SUMMARY = 500


class UnableToAnswer(Exception):
    """The answer cannot be stored or accepted; the message says why."""


@dataclass(frozen=True, slots=True)
class AnswerCard:
    """An answer as this viewer sees it. `works_at` is a shop's name, whenever its writer belongs to one."""

    answer: Answer
    works_at: str
    disclosure: Disclosure | None
    products: list[ProductCard]
    is_accepted: bool
    is_mine: bool


def answers_to(*, question: Question, viewer: Viewer, at: datetime) -> list[AnswerCard]:
    """The accepted answer first, then the oldest first, without what this viewer does not want to see."""
    shown = list(_for_cards(question).not_by(unwanted_by(viewer)).order_by("pk")[:MOST_ANSWERS])
    shown.sort(key=lambda answer: answer.pk != question.accepted_id)
    published = [answer.publication for answer in shown if answer.publication]
    labels = disclosures_of(publications=published, at=at) if published else {}
    shops = _shops_of(question, shown)
    return [_card(answer, question, viewer, labels=labels, shops=shops, at=at) for answer in shown]


def answers_by(*, author: User, viewer: Viewer) -> Any:
    """What somebody answered, the newest first: to questions that anybody may find and this viewer wants to see."""
    questions = Question.objects.listed().not_by(unwanted_by(viewer))
    rows = Answer.objects.shown().filter(author=author, question__in=questions)
    return rows.select_related("question", "publication").order_by("-pk")


def give_answer(
    *,
    question: Question,
    author: User,
    text: str,
    products: Sequence[Product] = (),
    relation: Relation = Relation.NONE,
    at: datetime,
) -> Answer:
    """Store an answer; with products it is published at once. The same words sent a second time are the answer that
    is there. Raises TooOften, UnableToAnswer.
    """
    count_writing(user=author, what=Written.ANSWER, at=at)
    return _store_new(
        question=question, author=author, text=text, products=products, relation=relation, at=at
    )


@transaction.atomic(durable=True)
def _store_new(
    *,
    question: Question,
    author: User,
    text: str,
    products: Sequence[Product],
    relation: Relation,
    at: datetime,
) -> Answer:
    _lock(question)
    given = Answer.objects.shown().filter(question=question)
    sent_before: Answer | None = given.filter(
        author=author, text=text, created_at__gt=at - SENT_TWICE
    ).first()
    if sent_before is not None:
        return sent_before
    if given.count() >= MOST_ANSWERS:
        raise UnableToAnswer(_("This question has all the answers it can hold."))
    answer = Answer(question=question, author=author, text=text, created_at=at)
    answer.save()
    _publish(answer, products=products, relation=relation, at=at)
    return answer


@transaction.atomic(durable=True)
def change_answer(
    *, answer: Answer, text: str, products: Sequence[Product], relation: Relation, at: datetime
) -> Answer:
    """Change an answer and what it mentions; readers see that it was changed."""
    _lock(answer.question)
    if not Answer.objects.filter(pk=answer.pk, removed_at=None).update(text=text, edited_at=at):
        raise UnableToAnswer(_("This answer was removed."))
    answer.text, answer.edited_at = text, at
    _publish(answer, products=products, relation=relation, at=at)
    return answer


@transaction.atomic(durable=True)
def remove_answer(*, answer: Answer, at: datetime) -> None:
    """Take an answer off the site. What it mentioned is withdrawn; what it earned stays its writer's."""
    if not Answer.objects.filter(pk=answer.pk, removed_at=None).update(removed_at=at, text=""):
        return
    Question.objects.filter(accepted=answer).update(accepted=None)
    if answer.publication is not None:
        publications.withdraw(publication=answer.publication, at=at)


@transaction.atomic(durable=True)
def accept_answer(*, answer: Answer) -> None:
    """Put this answer first, as the one that helped the asker; it takes the place of one accepted before."""
    if not Answer.objects.select_for_update().filter(pk=answer.pk, removed_at=None).exists():
        raise UnableToAnswer(_("This answer was removed."))
    Question.objects.filter(pk=answer.question_id, removed_at=None).update(accepted=answer)


def undo_acceptance(*, answer: Answer) -> None:
    """Put an accepted answer back among the others."""
    Question.objects.filter(pk=answer.question_id, accepted=answer).update(accepted=None)


@transaction.atomic
def follow_publication(*, publication: Publication, at: datetime) -> None:
    """Let the answers under a publication be found exactly where it is. Part of whatever changes its state."""
    under = Publication.objects.filter(
        answer__question__publication=publication, answer__removed_at=None, answer__question__removed_at=None
    ).filter(mentions__isnull=False)
    for published in under.exclude(state=publication.state).distinct():
        published.state = publication.state
        published.changed_at = at
        if published.published_at is None and published.state != PublicationState.HIDDEN:
            published.published_at = at
        published.save(update_fields=["state", "changed_at", "published_at"])


def _lock(question: Question) -> None:
    """Hold the question, and what it is about: whoever hides either of them waits, and then sees the answer too."""
    fresh = Question.objects.select_for_update().get(pk=question.pk)
    if fresh.removed_at is not None:
        raise UnableToAnswer(_("This question was removed."))
    question.accepted_id = fresh.accepted_id
    if question.publication_id is not None:
        question.publication = Publication.objects.select_for_update().get(pk=question.publication_id)


def _publish(answer: Answer, *, products: Sequence[Product], relation: Relation, at: datetime) -> None:
    """Keep the publication of an answer current; one that mentions nothing needs none."""
    if answer.publication is None and not products:
        return
    question = answer.question
    with override(question.language):
        title = _("Answer to: %(question)s") % {"question": question.title}
    subject_state = question.publication.state if question.publication else PublicationState.PUBLIC
    answer.publication = publications.publish(
        publication=answer.publication,
        author=answer.author,
        kind=PublicationKind.ANSWER,
        title=Truncator(title).chars(_LONGEST_TITLE),
        summary=Truncator(answer.text).chars(_LONGEST_SUMMARY),
        path=_path_of(answer),
        cover=products[0].picture if products else None,
        language=question.language,
        theme_slugs=question.theme_slugs,
        state=PublicationState(subject_state) if products else PublicationState.HIDDEN,
        relation=relation,
        products=products,
        at=at,
    )
    answer.save(update_fields=["publication"])


def _path_of(answer: Answer) -> str:
    """The address without a language in front, as publications keep it."""
    with override(None):
        return answer.get_absolute_url()


def _for_cards(question: Question) -> Any:
    mentions = Mention.objects.select_related(
        "link", "product__offer", "product__shop", "product__picture"
    ).prefetch_related("product__picture__renditions")
    return (
        Answer.objects.shown()
        .filter(question=question)
        .select_related("publication", "author__profile__portrait", "author__profile__works_at")
        .prefetch_related(
            "author__profile__portrait__renditions", Prefetch("publication__mentions", queryset=mentions)
        )
    )


def _shops_of(question: Question, answers: Sequence[Answer]) -> dict[int, str]:
    """By writer, the shop whose product is asked about, for those who belong to it."""
    if question.product_id is None:
        return {}
    writers = {answer.author_id for answer in answers}
    members = ShopMember.objects.filter(shop__products=question.product_id, user__in=writers)
    return dict(members.values_list("user", "shop__name"))


def _card(
    answer: Answer,
    question: Question,
    viewer: Viewer,
    *,
    labels: Mapping[int, Disclosure],
    shops: Mapping[int, str],
    at: datetime,
) -> AnswerCard:
    label = labels.get(answer.publication.pk) if answer.publication else None
    mentions = answer.publication.mentions.all() if answer.publication else []
    employer = answer.author.profile.works_at
    return AnswerCard(
        answer=answer,
        works_at=employer.name if employer else shops.get(answer.author_id, ""),
        disclosure=label,
        products=[
            card_of(mention.product, at=at, link=mention.link, disclosure=label) for mention in mentions
        ],
        is_accepted=answer.pk == question.accepted_id,
        is_mine=viewer.is_authenticated and answer.author_id == viewer.pk,
    )
