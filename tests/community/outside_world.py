"""Boards of every state by one advocate who earns, for the tests of what leaves the site."""

import io

from PIL import Image

from advocates.enums import PublicationState
from community.boards import add_product, create_board, publish_board
from community.models import Board, Picture, User
from community.pictures import store_picture
from tests.factories import NOW, make_deal, make_enrolment, make_product, make_shop, make_user

#: A place on earth, as a camera writes it: it may be in nothing that leaves the site.
GPS_TAG = 0x8825


def camera_file(colour: str = "teal") -> io.BytesIO:
    """A photograph that says where it was taken."""
    exif = Image.Exif()
    exif[GPS_TAG] = {1: "N", 2: (51.0, 3.0, 0.0), 3: "E", 4: (3.0, 43.0, 0.0)}
    out = io.BytesIO()
    Image.new("RGB", (420, 320), colour).save(out, "JPEG", exif=exif)
    out.seek(0)
    return out


def photograph(by: User) -> Picture:
    return store_picture(file=camera_file(), title="IMG_1234", uploaded_by=by, alt_text="Een gedekte tafel")


class Outside:
    """Ada earns at Mila's shop; her boards are public, unlisted (known by link) and secret."""

    def __init__(self) -> None:
        self.ada = make_user("Ada Vermeer", handle="ada", role="expert")
        self.shop = make_shop("Klei & Co")
        make_enrolment(self.ada, make_deal(self.shop))
        self.product = make_product(self.shop, "Theekop, grijs glazuur", picture=photograph(self.ada))
        self.public = self.board("Een tafel voor acht", PublicationState.PUBLIC)
        self.unlisted = self.board("Verrassing voor Noor", PublicationState.UNLISTED)
        self.secret = self.board("Nog niet voor iedereen", PublicationState.HIDDEN)

    def board(self, title: str, state: PublicationState) -> Board:
        board = create_board(owner=self.ada, title=title, description="Wat erop staat.", at=NOW)
        add_product(board=board, by=self.ada, product=self.product, note="Ligt goed in de hand.", at=NOW)
        publish_board(board=board, state=state, at=NOW)
        board.publication.refresh_from_db()
        return board

    @property
    def closed(self) -> list[Board]:
        return [self.unlisted, self.secret]
