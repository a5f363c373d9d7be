"""People: the list, and each one's page."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from advocates.disclosure import disclosures_of
from advocates.enums import EnrolmentState, PublicationKind
from advocates.models import Enrolment, Publication
from community import people as found
from community.answers import answers_by
from community.enums import ProfileRole
from community.follows import followed_people, is_following
from community.list_pages import page_of
from community.models import Profile
from community.mutes import is_block_between, is_muted
from community.publication_cards import cards_of
from community.questions import Subject, questions_about
from community.search import STORY_KINDS

_QUESTIONS = 3
#: What the parts of a profile show, by their name in the address.
_KINDS = {
    "": (*STORY_KINDS, PublicationKind.BOARD),
    "stories": STORY_KINDS,
    "boards": (PublicationKind.BOARD,),
}
_ANSWERS = "answers"


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everybody who published something, by role if asked, the newest member first."""
    role = request.GET.get("role", "")
    role = role if role in ProfileRole.values else ""
    rows = found.people_who_published(role=role, viewer=request.user)
    page = page_of(rows, number=request.GET.get("page", "1"))
    followed = followed_people(request.user, among=[one.user_id for one in page.object_list])
    context = {"page_of_people": page, "role": role, "roles": ProfileRole.choices, "followed": followed}
    return render(request, "community/people.html", context)


@require_safe
def profile(request: HttpRequest, handle: str) -> HttpResponse:
    """One person: who they are, with whom they have a deal, and what they published; for who muted them too."""
    if handle != handle.lower():
        return redirect("community:profile", handle.lower(), permanent=True)
    shown = get_object_or_404(found.for_lists(Profile.objects.all()), handle=handle, user__is_active=True)
    if is_block_between(request.user, shown.user):
        raise Http404
    kind = request.GET.get("kind", "")
    number = request.GET.get("page", "1")
    context: dict[str, Any] = {
        "profile": shown,
        "kind": kind if kind in {*_KINDS, _ANSWERS} else "",
        "tabs": {
            "": _("Everything"),
            "stories": _("Stories"),
            "boards": _("Boards"),
            _ANSWERS: _("Answers"),
        },
        "shops_with_deal": _shops_with_deal(shown),
        "is_mine": request.user == shown.user,
        "is_following": is_following(request.user, shown.user),
        "is_muted": is_muted(viewer=request.user, person=shown.user),
        "questions": questions_about(person=shown.user, viewer=request.user, most=_QUESTIONS),
        "ask_url": Subject(person=shown.user).ask_url,
    }
    if kind == _ANSWERS:
        page = page_of(answers_by(author=shown.user, viewer=request.user), number=number)
        with_products = [answer.publication for answer in page.object_list if answer.publication]
        labels = disclosures_of(publications=with_products, at=timezone.now()) if with_products else {}
        answers = [(answer, labels.get(answer.publication_id)) for answer in page.object_list]
        context |= {"page_of_cards": page, "answers": answers}
    else:
        published = Publication.objects.listed().filter(
            author=shown.user, kind__in=_KINDS.get(kind, _KINDS[""])
        )
        page = page_of(published.for_cards().order_by("-published_at", "-pk"), number=number)
        context |= {"page_of_cards": page, "cards": cards_of(page.object_list, at=timezone.now())}
    return render(request, "community/profile.html", context)


def _shops_with_deal(shown: Profile) -> list[Any]:
    deals = Enrolment.objects.filter(advocate__user=shown.user, state=EnrolmentState.ACTIVE)
    return [enrolment.programme.shop for enrolment in deals.select_related("programme__shop")]
