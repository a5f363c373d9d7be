"""The yes or no to becoming an advocate."""

from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates.programmes import open_programme_of
from community.advocate_invitations import answer_invitation

if TYPE_CHECKING:
    from community.models import User


@login_required
@require_POST
def advocate_invitation(request: HttpRequest) -> HttpResponse:
    """`answer=yes` leads to the shop's programme; anything else is a no, and nobody asks again."""
    is_accepted = request.POST.get("answer") == "yes"
    invitation = answer_invitation(
        user=cast("User", request.user), is_accepted=is_accepted, at=timezone.now()
    )
    if invitation is None or not is_accepted:
        messages.info(request, _("All right. We do not ask again."))
        return redirect("cms:studio")
    if open_programme_of(shop=invitation.shop) is None:
        messages.info(
            request,
            _("%(shop)s takes nobody in at the moment. A board can be made all the same.")
            % {"shop": invitation.shop.name},
        )
        return redirect("community:board_new")
    return redirect("advocates:join", invitation.shop.slug)
