"""The one StoryBlock of the site: everything that a post or page can hold."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.images.blocks import ImageBlock, ImageChooserBlock
from wagtail.snippets.blocks import SnippetChooserBlock

from cms.choosers import BoardChooserBlock
from cms.videos import video_at

#: What rich text may hold, in the admin's editor and in what the site's own editor stores.
TEXT_FEATURES = ["bold", "italic", "link", "ol", "ul"]

MOST_PRODUCTS = 6
FEWEST_IN_GALLERY, MOST_IN_GALLERY = 2, 8


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(label=_("Quote"), max_length=500)
    source = blocks.CharBlock(label=_("Who said it"), required=False, max_length=120)

    class Meta:
        icon = "openquote"
        label = _("Quote")
        template = "blocks/quote.html"


class PictureBlock(blocks.StructBlock):
    picture = ImageBlock(label=_("Picture"))
    caption = blocks.CharBlock(label=_("Caption"), required=False, max_length=250)

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "blocks/picture.html"


class GalleryBlock(blocks.StructBlock):
    """Pictures that belong together, each described."""

    pictures = blocks.ListBlock(
        PictureBlock(), label=_("Pictures"), min_num=FEWEST_IN_GALLERY, max_num=MOST_IN_GALLERY
    )

    class Meta:
        icon = "grip"
        label = _("Gallery")
        template = "blocks/gallery.html"


class ProductsBlock(blocks.StructBlock):
    """Products side by side, each with the author's link and the disclosure of the deal."""

    products = blocks.ListBlock(
        SnippetChooserBlock("advocates.Product", label=_("Product")),
        label=_("Products"),
        min_num=1,
        max_num=MOST_PRODUCTS,
    )
    note = blocks.CharBlock(label=_("Why these"), required=False, max_length=250)

    class Meta:
        icon = "tag"
        label = _("Products")
        template = "blocks/products.html"


class BoardBlock(blocks.StructBlock):
    """A board of anybody's; shown as long as everybody may find it."""

    board = BoardChooserBlock(label=_("Board"))
    note = blocks.CharBlock(label=_("Why this one"), required=False, max_length=250)

    class Meta:
        icon = "image"
        label = _("Board")
        template = "blocks/board.html"


class BeforeAfterBlock(blocks.StructBlock):
    """What it changed: two pictures of one thing, and the change in words."""

    before = ImageBlock(label=pgettext_lazy("picture", "Before"))
    after = ImageBlock(label=_("After"))
    change = blocks.CharBlock(label=_("What did it change?"), max_length=250)

    class Meta:
        icon = "transparent"
        label = _("Before and after")
        template = "blocks/before_after.html"


class LessGoodBlock(blocks.StructBlock):
    """What the author likes less: advice is believed when it is whole."""

    text = blocks.TextBlock(label=_("What is less good about it"), max_length=600)

    class Meta:
        icon = "warning"
        label = _("Less good about it")
        template = "blocks/less_good.html"


class CraftBlock(blocks.StructBlock):
    """How a thing is made, and kept. Nothing of it is asked for, but something is."""

    maker = blocks.CharBlock(label=_("Who makes it"), required=False, max_length=200)
    material = blocks.CharBlock(label=_("What it is made of"), required=False, max_length=300)
    process = blocks.TextBlock(label=_("How it is made"), required=False, max_length=1000)
    repair = blocks.TextBlock(label=_("How it is kept and repaired"), required=False, max_length=600)

    class Meta:
        icon = "cog"
        label = _("Craft")
        template = "blocks/craft.html"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if not any(cleaned.values()):
            words = ValidationError(_("Say at least one thing about how it is made or kept."))
            raise StructBlockValidationError(block_errors={"maker": words})
        return cleaned


class VideoBlock(blocks.StructBlock):
    """A video of YouTube or Vimeo, played after a click. The poster is our own: theirs is never fetched."""

    address = blocks.CharBlock(
        label=_("Address of the video"), help_text=_("On YouTube or Vimeo."), max_length=300
    )
    title = blocks.CharBlock(label=_("What can be seen in it"), max_length=120)
    poster = ImageChooserBlock(label=_("Picture before it plays"), required=False)

    class Meta:
        icon = "media"
        label = _("Video")
        template = "blocks/video.html"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        video = video_at(cleaned["address"])
        if video is None:
            words = ValidationError(_("Copy the address of one video on YouTube or Vimeo here."))
            raise StructBlockValidationError(block_errors={"address": words})
        cleaned["address"] = video.address
        return cleaned


class StoryBlock(blocks.StreamBlock):
    heading = blocks.CharBlock(
        label=_("Heading"), icon="title", max_length=120, template="blocks/heading.html"
    )
    text = blocks.RichTextBlock(label=_("Text"), features=TEXT_FEATURES, template="blocks/text.html")
    quote = QuoteBlock()
    picture = PictureBlock()
    gallery = GalleryBlock()
    products = ProductsBlock()
    board = BoardBlock()
    before_after = BeforeAfterBlock()
    less_good = LessGoodBlock()
    craft = CraftBlock()
    video = VideoBlock()

    class Meta:
        block_counts = {"less_good": {"max_num": 1}}
