"""Changing one's own profile."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from community.forms import ProfileForm
from community.models import Picture, Profile
from community.pictures import UnableToStorePicture, store_picture
from community.profiles import UnableToChangeHandle, change_profile


@login_required
def profile_edit(request: HttpRequest) -> HttpResponse:
    """The form of one's own profile; a portrait that cannot be taken leaves the rest as typed."""
    profile = get_object_or_404(Profile, user=request.user.pk)
    # The form changes its instance also when something is wrong; the page around it shows the profile as it is.
    changed = Profile.objects.select_related("user").get(pk=profile.pk)
    form = ProfileForm(request.POST or None, request.FILES or None, instance=changed)
    if request.method == "POST" and form.is_valid():
        portrait, problem = _portrait_of(form)
        if problem:
            form.add_error("portrait_file", problem)
        else:
            name = form.cleaned_data["name"]
            try:
                change_profile(profile=form.instance, name=name, portrait=portrait, at=timezone.now())
            except UnableToChangeHandle as error:
                form.add_error("handle", str(error))
                if portrait is not None:
                    portrait.delete()  # it is sent again with the form
            else:
                messages.success(request, _("Your profile is saved."))
                return redirect(form.instance)
    context = {"form": form, "profile": profile}
    status = 422 if request.method == "POST" else 200
    return render(request, "community/profile_edit.html", context, status=status)


def _portrait_of(form: ProfileForm) -> tuple[Picture | None, str]:
    file = form.cleaned_data.get("portrait_file")
    if not file:
        return None, ""
    name = form.cleaned_data["name"]
    try:
        return store_picture(file=file, title=name, uploaded_by=form.instance.user, alt_text=name), ""
    except UnableToStorePicture as error:
        return None, str(error)
