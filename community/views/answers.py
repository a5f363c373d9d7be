"""Answering: the text, the products it mentions, and the asker's word on which one helped."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates.enums import Relation
from advocates.models import Product
from community import answers
from community.ids import id_in
from community.limits import TooOften
from community.models import Answer, Question, User
from community.questions import subject_of
from community.search import clean_query
from community.search import search as find
from community.talk_forms import AnswerForm, most_products_text
from community.views.questions import open_question

_MOST_FOUND = 8


@login_required
def answer_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Write an answer."""
    return _composer(request, open_question(request, pk), answer=None)


@login_required
def answer_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one's own answer."""
    answer = _own_answer(request, pk)
    return _composer(request, open_question(request, answer.question_id), answer=answer)


@login_required
def answer_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take one's own answer away."""
    answer = _own_answer(request, pk)
    if request.method != "POST":
        context = {
            "title": _("Remove your answer?"),
            "quote": answer.text,
            "text": _("What it recommends is withdrawn with it. What it earned stays yours."),
            "back": answer.get_absolute_url(),
        }
        return render(request, "community/take_away.html", context)
    answers.remove_answer(answer=answer, at=timezone.now())
    messages.success(request, _("The answer is gone. What it earned stays yours."))
    is_open = Question.objects.visible_to(request.user).filter(pk=answer.question_id).exists()
    return redirect(answer.question if is_open else "home")


@login_required
@require_POST
def answer_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the asker say which answer helped, or take that back (`undo`)."""
    asked = Answer.objects.shown().filter(question__asker=request.user.pk, question__removed_at=None)
    answer = get_object_or_404(asked.select_related("question"), pk=pk)
    question = open_question(request, answer.question_id)
    if "undo" in request.POST:
        answers.undo_acceptance(answer=answer)
        return redirect(question)
    try:
        answers.accept_answer(answer=answer)
    except answers.UnableToAnswer as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Thank you: others find this answer first now."))
    return redirect(question)


def _own_answer(request: HttpRequest, pk: int) -> Answer:
    mine = Answer.objects.shown().filter(author=request.user.pk).select_related("publication", "question")
    answer: Answer = get_object_or_404(mine, pk=pk)
    return answer


def _composer(request: HttpRequest, question: Question, *, answer: Answer | None) -> HttpResponse:
    """The form of an answer. Searching and choosing products send the form too: nothing is stored then, and all
    that was typed comes back.
    """
    if request.method != "POST":
        return _page(request, question, answer, form=AnswerForm(initial=_initial(answer)))
    if any(step in request.POST for step in ("search", "pick", "drop")):
        return _choose(request, question, answer)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, question, answer, form=form, status=422)
    try:
        stored = _store(request, question, answer, form.cleaned_data)
    except answers.UnableToAnswer as error:
        form.add_error(None, str(error))
        return _page(request, question, answer, form=form, status=422)
    except TooOften as error:
        form.add_error(None, str(error))
        return _page(request, question, answer, form=form, status=429)
    messages.success(request, _("Your answer is there."))
    return redirect(stored)


def _store(
    request: HttpRequest, question: Question, answer: Answer | None, written: dict[str, Any]
) -> Answer:
    at = timezone.now()
    if answer is not None:
        answer.question = question
        return answers.change_answer(answer=answer, at=at, **written)
    author = cast("User", request.user)
    return answers.give_answer(question=question, author=author, at=at, **written)


def _choose(request: HttpRequest, question: Question, answer: Answer | None) -> HttpResponse:
    """Add a product to those that the answer mentions, leave one out, or only search."""
    data: QueryDict = request.POST.copy()
    chosen = [pk for pk in data.getlist("products") if pk != data.get("drop")]
    picked = data.get("pick", "")
    problem = ""
    if picked and picked not in chosen:
        if len(chosen) < answers.MOST_PRODUCTS:
            chosen.append(picked)
        else:
            problem = most_products_text()
    data.setlist("products", chosen)
    form = AnswerForm(
        initial={
            "text": data.get("text", ""),
            "relation": data.get("relation", Relation.NONE),
            "products": _products(chosen),
        }
    )
    return _page(request, question, answer, form=form, problem=problem)


def _page(
    request: HttpRequest,
    question: Question,
    answer: Answer | None,
    *,
    form: AnswerForm,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    query = clean_query(request.POST.get("q", ""))
    posted = request.POST.getlist("products")
    chosen = _products(posted) if form.is_bound else form.initial.get("products", [])
    context = {
        "question": question,
        "subject": subject_of(question),
        "answer": answer,
        "form": form,
        "chosen": chosen,
        "problem": problem,
        "query": query,
        "found": find(query, most=_MOST_FOUND).products,
    }
    target = request.headers.get("HX-Target")
    part = {"found": "#found", "answer-products": "#products"}.get(target or "")
    template = f"components/answer-form.html{part}" if part else "community/answer_write.html"
    return render(request, template, context, status=status)


def _products(wanted: list[str]) -> list[Product]:
    """The products with these ids, in this order; what is not in the catalogue is left out."""
    pks = [pk for pk in map(id_in, wanted[: answers.MOST_PRODUCTS + 1]) if pk is not None]
    by_pk = {product.pk: product for product in Product.objects.with_offer().filter(pk__in=pks)}
    return [by_pk[pk] for pk in dict.fromkeys(pks) if pk in by_pk]


def _initial(answer: Answer | None) -> dict[str, Any]:
    if answer is None:
        return {}
    publication = answer.publication
    mentions = publication.mentions.all() if publication else []
    return {
        "text": answer.text,
        "products": _products([str(mention.product_id) for mention in mentions]),
        "relation": publication.relation if publication else Relation.NONE,
    }
