"""The studio's first page: all that somebody writes and has published."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from advocates.enums import PublicationKind
from advocates.reports import Reach, reach_of
from cms.standings import PER_PAGE, posts_of
from cms.views.request import SignedInRequest
from community.advocate_invitations import open_invitation_of
from community.models import Board


@login_required
def studio(request: SignedInRequest) -> HttpResponse:
    """One's stories with where each stands, and one's boards; with how often people looked and clicked."""
    boards = (
        Board.objects.filter(owner=request.user, publication__kind=PublicationKind.BOARD)
        .select_related("publication__cover")
        .prefetch_related("publication__cover__renditions")
        .order_by("-created_at", "-pk")
    )
    page = Paginator(boards, PER_PAGE).get_page(request.GET.get("page", "1"))
    page_of_stories, posts = posts_of(author=request.user, number=request.GET.get("stories", "1"))
    at = timezone.now()
    published = [board.publication for board in page.object_list]
    published += [standing.post.publication for standing in posts if standing.post.publication]
    reach = reach_of(published, at=at)
    nobody = Reach(views=0, clicks=0)
    context = {
        "invitation": open_invitation_of(request.user),
        "stories": [
            {"standing": one, "reach": reach.get(one.post.publication_id or 0, nobody)} for one in posts
        ],
        "page_of_stories": page_of_stories,
        "page_of_boards": page,
        "boards": [
            {"board": board, "reach": reach.get(board.publication_id, nobody)} for board in page.object_list
        ],
    }
    return render(request, "cms/studio.html", context)
