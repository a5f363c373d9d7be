"""What the story's blocks choose from in the admin, beside products and pictures."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.chooser import ChooserViewSet

from advocates.enums import PublicationKind


class BoardChooserViewSet(ChooserViewSet):
    """Boards that anybody may find, newest first."""

    model = "community.Board"
    icon = "image"
    choose_one_text = _("Choose a board")
    choose_another_text = _("Choose another board")
    per_page = 24

    def get_object_list(self) -> Any:
        from advocates.models import Publication
        from community.models import Board

        listed = Publication.objects.listed().filter(kind=PublicationKind.BOARD)
        boards = Board.objects.filter(publication__in=listed).select_related("publication")
        return boards.order_by("-publication__published_at", "-pk")


board_chooser = BoardChooserViewSet("board_chooser")
BoardChooserBlock: Any = board_chooser.get_block_class(name="BoardChooserBlock", module_path="cms.blocks")
