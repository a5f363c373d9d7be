"""The admin's form for pictures: the same cleaning as every other upload."""

import io
from typing import Any

from django import forms
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from wagtail.images.forms import BaseImageForm

from community.pictures import UnableToStorePicture, clean_picture


class PictureForm(BaseImageForm):
    """Takes what an editor uploads through `clean_picture` (setting WAGTAILIMAGES_IMAGE_FORM_BASE)."""

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if not isinstance(file, UploadedFile):
            return file
        file.seek(0)
        try:
            clean = clean_picture(file)
        except UnableToStorePicture as error:
            raise forms.ValidationError(str(error)) from error
        self.instance.colour = clean.colour
        name = f"{(file.name or 'picture').rpartition('.')[0] or 'picture'}.{clean.extension}"
        content = io.BytesIO(clean.content)
        return InMemoryUploadedFile(
            content, "file", name, f"image/{clean.extension}", len(clean.content), None
        )
