"""People who speak of a product, for the tests of its page."""

from advocates.enums import PublicationKind, PublicationState
from advocates.models import Mention, Product, Publication
from advocates.publications import publish
from community.boards import add_product, create_board, publish_board
from community.models import Board, User
from tests.factories import NOW


def make_board(
    owner: User, product: Product, title: str = "Een tafel", *, note: str = "", at=NOW, state="public"
) -> Board:
    """A board with this product on it."""
    board = create_board(owner=owner, title=title, description=f"Over {title}", at=at)
    add_product(board=board, by=owner, product=product, note=note, at=at)
    publish_board(board=board, state=PublicationState(state), at=at)
    board.publication.refresh_from_db()
    return board


def make_story(
    author: User, product: Product, title: str = "Een jaar thee", *, kind="post", at=NOW, state="public"
) -> Publication:
    """The publication of a story that mentions this product; the page itself is not needed here."""
    return publish(
        publication=None,
        author=author,
        kind=PublicationKind(kind),
        title=title,
        summary=f"Samenvatting van {title}",
        path=f"/stories/{author.pk}-{Mention.objects.count()}/",
        cover=None,
        language="nl",
        theme_slugs=[],
        state=PublicationState(state),
        relation="none",
        products=[product],
        at=at,
    )
