"""People: the list, and each one's page."""

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from advocates.enums import EnrolmentState, PublicationState
from advocates.models import Enrolment, Publication
from community.enums import ProfileRole
from community.models import Profile
from community.publication_cards import PER_PAGE, page_of_cards


def people(request: HttpRequest) -> HttpResponse:
    """Everybody who published something, by role if asked, most recent member first."""
    role = request.GET.get("role", "")
    count = Count("user__publications", filter=Q(user__publications__state=PublicationState.PUBLIC))
    published = Profile.objects.annotate(publication_count=count).filter(publication_count__gt=0)
    if role in ProfileRole.values:
        published = published.filter(role=role)
    listed = published.select_related("user", "portrait", "works_at").prefetch_related("portrait__renditions")
    page = Paginator(listed.order_by("-created_at", "-pk"), PER_PAGE).get_page(request.GET.get("page", "1"))
    context = {"page_of_people": page, "role": role, "roles": ProfileRole.choices}
    return render(request, "community/people.html", context)


def profile(request: HttpRequest, handle: str) -> HttpResponse:
    """One person: who they are, with whom they have a deal, and what they published."""
    if handle != handle.lower():
        return redirect("community:profile", handle.lower(), permanent=True)
    shown = get_object_or_404(
        Profile.objects.select_related("user", "portrait", "works_at").prefetch_related(
            "portrait__renditions"
        ),
        handle=handle,
        user__is_active=True,
    )
    published = Publication.objects.listed().filter(author=shown.user).order_by("-published_at", "-pk")
    page, cards = page_of_cards(
        published, number=request.GET.get("page", "1"), at=timezone.now(), viewer=request.user
    )
    deals = Enrolment.objects.filter(advocate__user=shown.user, state=EnrolmentState.ACTIVE)
    context = {
        "profile": shown,
        "page_of_cards": page,
        "cards": cards,
        "shops_with_deal": [
            enrolment.programme.shop for enrolment in deals.select_related("programme__shop")
        ],
        "is_mine": request.user == shown.user,
    }
    return render(request, "community/profile.html", context)
