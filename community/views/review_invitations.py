"""The page that a buyer's invitation leads to, and the way to say that one does not want to be asked."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from advocates.models import SaleLine
from community.models import ReviewInvitation, User
from community.review_forms import JudgementForm, NameForm
from community.review_invitations import (
    UnableToUseInvitation,
    find_invitation,
    is_open,
    lines_of,
    opt_out,
    use_invitation,
)
from community.reviews import MOST_PICTURES, Judgement, UnableToReview

_GONE = 410


@never_cache
def review_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """All products of the order on one page; answered once. No account is needed, and none is guessed."""
    invitation = _found(token)
    at = timezone.now()
    if not is_open(invitation, at=at):
        return _over(request, invitation)
    lines = lines_of(invitation)
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    author = request.user if isinstance(request.user, User) else None
    name_form = NameForm(data, initial={"name": author.name if author else ""})
    forms = [(line, JudgementForm(data, files, prefix=f"line{line.pk}")) for line in lines]
    if request.method == "POST" and all([name_form.is_valid(), *(form.is_valid() for _line, form in forms)]):
        try:
            use_invitation(
                invitation=invitation,
                judgements=_judgements(forms),
                name=name_form.cleaned_data["name"],
                author=author,
                language=get_language() or "nl",
                at=at,
            )
        except UnableToUseInvitation:
            return redirect(request.path)
        except UnableToReview as error:
            name_form.add_error(None, str(error))
        else:
            messages.success(request, _("Thank you. Your reviews are shown."))
            return redirect(request.path)
    context: dict[str, Any] = {
        "invitation": invitation,
        "shop": invitation.sale.shop,
        "forms": forms,
        "name_form": name_form,
        "author": author,
        "most_pictures": MOST_PICTURES,
        "token": token,
        "has_errors": name_form.is_bound,
    }
    status = 422 if request.method == "POST" else 200
    return _private(render(request, "community/review_invitation.html", context, status=status))


@csrf_exempt  # RFC 8058: a mail program posts here for its reader; the token is the proof
@never_cache
def review_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask (a link in a mail is opened by machines too), then never ask this buyer again."""
    invitation = _found(token)
    is_done = request.method == "POST"
    if is_done:
        opt_out(invitation=invitation, at=timezone.now())
    context = {"is_done": is_done, "shop": invitation.sale.shop}
    return _private(render(request, "community/review_stop.html", context))


def _found(token: str) -> ReviewInvitation:
    invitation = find_invitation(token)
    if invitation is None:
        raise Http404
    return invitation


def _judgements(forms: list[tuple[SaleLine, JudgementForm]]) -> dict[int, Judgement]:
    said = {line.pk: form.judgement() for line, form in forms}
    return {pk: judgement for pk, judgement in said.items() if judgement is not None}


def _over(request: HttpRequest, invitation: ReviewInvitation) -> HttpResponse:
    """A friendly page for who comes back: it was used (that is fine), or its time is over (410)."""
    context = {
        "invitation": invitation,
        "shop": invitation.sale.shop,
        "products": [line.product for line in lines_of(invitation)],
    }
    status = 200 if invitation.used_at else _GONE
    return _private(render(request, "community/review_invitation_over.html", context, status=status))


def _private(answer: HttpResponse) -> HttpResponse:
    """The address is a secret between the buyer and us: no search engine, and no other site, gets to know it."""
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Referrer-Policy"] = "same-origin"
    return answer
