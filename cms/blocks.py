"""The one StoryBlock of the site: everything that a post or page can hold."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageBlock
from wagtail.snippets.blocks import SnippetChooserBlock

#: What rich text may hold, in the admin's editor and in what the site's own editor stores.
TEXT_FEATURES = ["bold", "italic", "link", "ol", "ul"]


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


class ProductsBlock(blocks.StructBlock):
    """Products side by side, each with the author's link and the disclosure of the deal."""

    products = blocks.ListBlock(
        SnippetChooserBlock("advocates.Product", label=_("Product")),
        label=_("Products"),
        min_num=1,
        max_num=6,
    )
    note = blocks.CharBlock(label=_("Why these"), required=False, max_length=250)

    class Meta:
        icon = "tag"
        label = _("Products")
        template = "blocks/products.html"


class LessGoodBlock(blocks.StructBlock):
    """What the author likes less: advice is believed when it is whole."""

    text = blocks.TextBlock(label=_("What is less good about it"), max_length=600)

    class Meta:
        icon = "warning"
        label = _("Less good about it")
        template = "blocks/less_good.html"


class StoryBlock(blocks.StreamBlock):
    heading = blocks.CharBlock(
        label=_("Heading"), icon="title", max_length=120, template="blocks/heading.html"
    )
    text = blocks.RichTextBlock(label=_("Text"), features=TEXT_FEATURES, template="blocks/text.html")
    quote = QuoteBlock()
    picture = PictureBlock()
    products = ProductsBlock()
    less_good = LessGoodBlock()

    class Meta:
        block_counts = {"less_good": {"max_num": 1}}
