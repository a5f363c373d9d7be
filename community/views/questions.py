"""Questions: the list, asking one, and the page where it is answered."""

from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from advocates import touches
from advocates.models import Product, Publication
from community import questions as talk
from community.answers import MOST_ANSWERS, AnswerCard, answers_to
from community.comments import COMMENTED_KINDS
from community.ids import id_in
from community.limits import TooOften
from community.models import Profile, Question, Theme, User
from community.questions import Subject
from community.search import clean_query
from community.talk_forms import AnswerForm, QuestionForm
from community.talk_tasks import tell_of_question
from community.views.talk import is_parted


def questions(request: HttpRequest) -> HttpResponse:
    """Public questions, the newest first; by theme (`?theme=`), or those that wait for an answer (`?unanswered=1`)."""
    wanted = request.GET.get("theme", "")
    themes = list(Theme.objects.all())
    theme = next((theme for theme in themes if theme.slug == wanted), None)
    unanswered = request.GET.get("unanswered") == "1"
    page, cards = talk.list_questions(
        viewer=request.user, theme=theme, unanswered=unanswered, number=request.GET.get("page", "1")
    )
    context = {
        "page_of_questions": page,
        "questions": cards,
        "themes": themes,
        "theme": theme,
        "unanswered": unanswered,
        "query": _query(theme, unanswered=unanswered),
    }
    return render(request, "community/questions.html", context)


@login_required
def ask(request: HttpRequest) -> HttpResponse:
    """Ask about a product, a publication or a person; what was answered already is shown while one types."""
    subject = _subject(request)
    is_to_person = subject.person is not None
    typed = clean_query(request.GET.get("title", ""))
    if request.headers.get("HX-Target") == "similar":
        return render(request, "community/ask.html#similar", _similar(request, subject, typed))
    initial = {"language": get_language(), "title": typed}
    form = QuestionForm(request.POST or None, initial=initial, is_to_person=is_to_person)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                asked = talk.ask(
                    asker=cast("User", request.user), subject=subject, at=timezone.now(), **form.cleaned_data
                )
            except talk.AskedAlready as error:
                return redirect(error.question)
            except TooOften as error:
                form.add_error(None, str(error))
                status = 429
            else:
                tell_of_question.enqueue(asked.pk)
                messages.success(request, _("Your question is there. Whoever knows can answer it."))
                return redirect(asked)
        typed = clean_query(request.POST.get("title", ""))
    context = {"subject": subject, "form": form, **_similar(request, subject, typed)}
    return render(request, "community/ask.html", context, status=status)


def question(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """One question with its answers: the accepted one first, then the oldest first."""
    shown = open_question(request, pk)
    canonical = slugify(shown.title) or "question"
    if slug != canonical:
        return redirect("community:question", pk, canonical, permanent=True)
    at = timezone.now()
    cards = answers_to(question=shown, viewer=request.user, at=at)
    _record_views(request, cards)
    context = {
        "question": shown,
        "subject": talk.subject_of(shown),
        "answers": cards,
        "themes": Theme.objects.filter(slug__in=shown.theme_slugs),
        "is_mine": request.user.pk == shown.asker_id,
        "may_answer": len(cards) < MOST_ANSWERS,
        "form": AnswerForm(),
        "chosen": [],
        "found": [],
    }
    return render(request, "community/question.html", context)


@login_required
def question_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take one's own question away with its answers."""
    mine = Question.objects.filter(asker=request.user.pk, removed_at=None)
    asked = get_object_or_404(mine.select_related("product", "publication", "person__profile"), pk=pk)
    if request.method != "POST":
        context = {
            "title": _("Remove this question?"),
            "quote": asked.title,
            "text": _("Its answers go with it, also those of others. This cannot be undone."),
            "back": asked.get_absolute_url(),
        }
        return render(request, "community/take_away.html", context)
    talk.remove_question(question=asked, at=timezone.now())
    messages.success(request, _("The question is gone."))
    return redirect("community:questions")


def open_question(request: HttpRequest, pk: int) -> Question:
    """A question that this person may open; not where one is parted from the asker or from whom it is about."""
    visible = Question.objects.visible_to(request.user).select_related(
        "asker__profile__portrait",
        "asker__profile__works_at",
        "person__profile__portrait",
        "product__shop",
        "product__picture",
        "publication__author__profile",
        "publication__cover",
    )
    shown: Question = get_object_or_404(visible, pk=pk)
    author = shown.publication.author if shown.publication else None
    if is_parted(request.user, shown.asker, shown.person, author):
        raise Http404
    return shown


def _query(theme: Theme | None, *, unanswered: bool) -> str:
    """The filters as they stand in the address of the next piece."""
    chosen = {"theme": theme.slug if theme else "", "unanswered": "1" if unanswered else ""}
    return "".join(f"{urlencode({name: value})}&" for name, value in chosen.items() if value)


def _subject(request: HttpRequest) -> Subject:
    """What is asked about, from the address: exactly one thing that this person may open."""
    given = {name: request.GET[name] for name in ("product", "publication", "person") if name in request.GET}
    if len(given) != 1:
        raise Http404
    [(kind, value)] = given.items()
    if kind == "product":
        found = get_object_or_404(Product.objects.select_related("shop", "picture"), pk=id_in(value))
        return Subject(product=found)
    if kind == "publication":
        opened = Publication.objects.visible_to(request.user).filter(kind__in=COMMENTED_KINDS)
        publication = get_object_or_404(opened.select_related("author", "cover"), pk=id_in(value))
        owner, subject = publication.author, Subject(publication=publication)
    else:
        known = Profile.objects.select_related("user", "portrait").filter(user__is_active=True)
        owner = get_object_or_404(known, handle=value.replace("\x00", "")).user
        if owner == request.user:
            raise Http404
        subject = Subject(person=owner)
    if is_parted(request.user, owner):
        raise Http404
    return subject


def _similar(request: HttpRequest, subject: Subject, typed: str) -> dict[str, Any]:
    similar = talk.similar_questions(subject=subject, title=typed, viewer=request.user)
    return {"similar": similar, "typed": typed}


def _record_views(request: HttpRequest, cards: list[AnswerCard]) -> None:
    """Store that the answers that recommend something were looked at."""
    shown = [card.answer.publication for card in cards if card.answer.publication and card.products]
    touches.record_views(
        publications=shown,
        visitor_key=touches.visitor_key_of(request),
        viewer=request.user,
        at=timezone.now(),
    )
